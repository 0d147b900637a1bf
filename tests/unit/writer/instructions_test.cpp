#include "drf/writer/instructions.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/writer/question_maker.h"
#include "drf/writer/validate_duplicates.h"
#include "drf/writer/validate_form.h"
#include "drf/writer/validate_language.h"
#include "drf/writer/validate_leading.h"
#include "drf/writer/write_questions.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"
#include "tests/unit/writer/fake_text_model.h"

namespace drf::writer {
namespace {

using testing::error_of;
using testing::says;
using testing::source_path;
using testing::TemporaryFolder;
using testing::write_text;

const char* const kGood =
    "# a comment\n[most]\n7\n[instruction]\nWrite {most} items.\n# another\nNow.\n\n[request]\nCaption: "
    "{prompt}\n"
    "[example]\ncaption: a red ball\nfact: it is red\nquestion: Is it red?\nanswer: Yes\ntwin: Is it blue?\n"
    "paraphrase: Has it a red color?\nopen: What is it?\nopen answer: a red ball\n";

TEST(Instructions, BecomeAChatThatEndsWithThePrompt) {
  TemporaryFolder folder;
  write_text(folder / "i.txt", kGood);
  const Instruction instruction = read_instruction(folder / "i.txt");
  const TextRequest request = request_for(instruction, "a {most} dog", {true, true});
  ASSERT_EQ(request.turns.size(), 4u);
  EXPECT_EQ(request.turns[0].role, "system");
  EXPECT_EQ(request.turns[0].text, "Write 7 items.\nNow.");
  EXPECT_EQ(request.turns[1].role, "user");
  EXPECT_EQ(request.turns[1].text, "Caption: a red ball");
  EXPECT_EQ(request.turns[2].role, "assistant");
  EXPECT_EQ(
      request.turns[2].text,
      R"({"questions":[{"fact":"it is red","question":"Is it red?","answer":"Yes","twin":"Is it blue?",)"
      R"("paraphrase":"Has it a red color?"}],"open":[{"question":"What is it?","answer":"a red ball"}]})");
  EXPECT_EQ(request.turns[3].text, "Caption: a {most} dog") << "what a prompt holds is not a placeholder";
  EXPECT_GT(request.max_tokens, 7 * 60);
  const auto schema = nlohmann::ordered_json::parse(request.schema);
  EXPECT_EQ(schema["properties"]["questions"]["maxItems"], 7);
  EXPECT_EQ(schema["properties"]["questions"]["items"]["properties"]["answer"]["enum"].size(), 2u);
  EXPECT_EQ(schema["properties"]["questions"]["items"]["required"].back(), "paraphrase");
  const TextRequest plain = request_for(instruction, "a dog", {false, false});
  EXPECT_FALSE(contains(plain.turns[2].text + plain.schema, "paraphrase"));
  EXPECT_FALSE(contains(plain.turns[2].text + plain.schema, "open"));
}

// The text is the same for all prompts, so that a model reads it once.
TEST(Instructions, AShortCaptionHasFewerFacts) {
  TemporaryFolder folder;
  std::string text = kGood;
  write_text(folder / "i.txt", text.replace(text.find("\n7\n"), 3, "\n32\n"));
  const Instruction instruction = read_instruction(folder / "i.txt");
  const auto most = [&](const std::string& prompt) {
    const TextRequest request = request_for(instruction, prompt, {true, true});
    EXPECT_EQ(request.turns[0].text, "Write 32 items.\nNow.");
    const int64_t items = nlohmann::json::parse(request.schema)["properties"]["questions"]["maxItems"];
    EXPECT_EQ(request.max_tokens,
              request_for(instruction, "a dog", {true, true}).max_tokens + 120 * (items - 12));
    return items;
  };
  EXPECT_EQ(most("a dog"), 12);
  EXPECT_EQ(most(std::string(100, 'a')), 25);
  EXPECT_EQ(most(std::string(1000, 'a')), 32);
  std::string chinese;
  for (int i = 0; i < 20; ++i) chinese += "\xE9\x9B\xAA";  // a letter says as much as a word
  EXPECT_EQ(most(chinese), 20);
}

TEST(Instructions, WhatIsWrongIsNamedWithItsLine) {
  TemporaryFolder folder;
  const std::string good = kGood;
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"x\n" + good, "i.txt:1: text before the first section"},
      {with("[request]", "[requests]"), "i.txt:9: unknown section [requests]; did you mean request?"},
      {with("[request]", "[request"), "i.txt:9: \"[request\" has no closing bracket"},
      {with("[request]", "[most]"), "i.txt:9: section [most] stands twice"},
      {with("\n7\n", "\n0\n"), "i.txt:2: [most] is \"0\", wanted a number from 1 to 64"},
      {with("\n7\n", "\n-7\n"), "i.txt:2: [most] is \"-7\""},
      {with("\n7\n", "\n{most}\n"), "i.txt:2: [most] is \"{most}\""},
      {with("{most} items", "{mots} items"),
       "i.txt:5: unknown placeholder {mots}; [instruction] knows {most}"},
      {with("{most} items", "{prompt} items"), "i.txt:5: unknown placeholder {prompt}"},
      {with("{prompt}", "{prompt"), "i.txt:10: a brace that is no placeholder"},
      {with("{prompt}", "prompt}"), "i.txt:10: a brace that is no placeholder"},
      {with("{prompt}", "prompt"), "i.txt:9: [request] does not name {prompt}"},
      {with("fact: it is red", "fakt: it is red"), "i.txt:13: unknown key \"fakt\"; did you mean fact?"},
      {with("fact: it is red", "it is red"), "i.txt:13: wanted a line \"key: text\""},
      {with("fact: it is red\n", ""), "i.txt:13: \"question\" stands out of order, wanted [fact]"},
      {with("answer: Yes", "answer: yes"), "i.txt:15: \"answer\" is \"yes\", wanted Yes or No"},
      {with("twin: Is it blue?", "twin:"), "i.txt:16: \"twin\" has no text"},
      {with("twin: Is it blue?\n", ""), "i.txt:16: \"paraphrase\" stands out of order, wanted [twin]"},
      {with("open answer: a red ball\n", ""), "i.txt:11: the example ends before its open answer"},
      {good + "fact: more\n", "i.txt:20: \"fact\" stands out of order, wanted [example]: this one has ended"},
      {"[most]\n7\n[instruction]\nx\n", "i.txt: has no section [request]"},
      {"[most]\n7\n[instruction]\n\n[request]\n{prompt}\n", "i.txt:3: [instruction] has no text"},
      {with("Now.", "N\xFFw."), "i.txt:7: the line is not UTF-8"},
      {good + "[example]\n", "i.txt:20: the example ends before its caption"},
  };
  for (const auto& [text, part] : cases) {
    write_text(folder / "i.txt", text);
    const std::string message = error_of(ErrorKind::kInput, [&] { read_instruction(folder / "i.txt"); });
    EXPECT_TRUE(says(message, part)) << message;
  }
  EXPECT_TRUE(
      says(error_of(ErrorKind::kInput, [&] { read_instructions(folder.path(), {questions::Aspect::kVQ}); }),
           "vq.txt"));
}

// What we show a model as right passes our own checks, and reads back from the answer that it stands for.
TEST(Instructions, OurOwnExamplesAreGood) {
  using questions::Aspect;
  const AnswerParts parts{true, true};
  for (const auto& [aspect, instruction] :
       read_instructions(source_path("configs/writer"), {Aspect::kTA, Aspect::kPF, Aspect::kVQ})) {
    EXPECT_GE(instruction.examples.size(), 2u);
    const TextRequest request = request_for(instruction, "a dog", parts);
    for (size_t e = 0; e < instruction.examples.size(); ++e) {
      const Instruction::Example& example = instruction.examples[e];
      SCOPED_TRACE(example.caption);
      TextAnswer answer;
      answer.text = request.turns[2 + 2 * e].text;
      std::string failure;
      std::vector<Draft> drafts = drafts_of(answer, 0, aspect, parts, failure);
      EXPECT_EQ(failure, "");
      EXPECT_EQ(drafts.size(), example.facts.size() + 1);
      EXPECT_LE(static_cast<int64_t>(example.facts.size()), instruction.most);
      Ledger ledger;
      check_form(drafts, ledger);
      check_language(drafts, {example.caption}, ledger);
      check_leading(drafts, ledger);
      check_duplicates(drafts, ledger);
      EXPECT_EQ(ledger.to_json_lines(), "");
    }
  }
}

}  // namespace
}  // namespace drf::writer
