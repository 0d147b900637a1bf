// Template sets: which prompts they know, what they ask, which files are none.
#include <gtest/gtest.h>

#include <map>

#include "drf/questions/prompt_file.h"
#include "drf/templates/templates.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::templates {
namespace {

using questions::Aspect;
using questions::Question;
using testing::error_of;
using testing::says;
using testing::source_path;
using testing::TemporaryFolder;
using testing::write_text;

std::vector<std::string> lines_of(const std::vector<Question>& questions) {
  std::vector<std::string> lines;
  for (const Question& q : questions) {
    lines.push_back(to_string(q.aspect) + " " + q.text + " -> " + q.answer);
  }
  return lines;
}

TemplateSet tiny() { return TemplateSet::read(source_path("assets/tiny/questions.json")); }

TEST(TemplateSet, HostileSetsAreRefusedInTime) {
  TemporaryFolder folder;
  const auto message = [&](const std::string& slots, const std::string& pattern, const std::string& text,
                           const std::string& prompt) {
    write_text(folder / "t.json", R"({"slots":{)" + slots + R"(},"patterns":[")" + pattern +
                                      R"("],"questions":[{"aspect":"TA","kind":"yes_no","text":")" + text +
                                      R"(","answer":"Yes"}]})");
    return error_of(ErrorKind::kInput, [&] {
      make_questions({prompt}, TemplateSet::read(folder / "t.json"), QuestionOptions());
    });
  };
  std::string slots, pattern, prompts;
  for (int i = 0; i < 40; ++i) {
    slots += concat(i ? "," : "", "\"s", i, R"(":["a","aa","aaa"])");
    pattern += concat("{s", i, "}");
  }
  EXPECT_TRUE(says(message(slots, pattern, "Q?", std::string(70, 'a') + "b"), "more than 1000000 ways"));
  for (int i = 0; i < 1500; ++i) prompts += "{prompt}";
  EXPECT_TRUE(says(message(R"("s":["a"])", "{s}" + std::string(50, 'b'), prompts, "a" + std::string(50, 'b')),
                   "questions of prompt 0: the text has"));
  EXPECT_TRUE(says(message(R"("s":["a","a"])", "{s}b", "Q?", "ab"), "holds \"a\" twice"));
  EXPECT_TRUE(
      says(message(R"("s":[)" + std::string(200'000, '[') + "]", "{s}b", "Q?", "ab"), "nested deeper"));
}

TEST(TemplateSet, TheTinyWorldsQuestionsAreThoseOfItsSpecification) {
  QuestionOptions options;
  QuestionStats stats;
  const auto all = make_questions({"a red ball moves left on a gray background"}, tiny(), options, &stats);
  const auto lines = lines_of(all);
  ASSERT_EQ(lines.size(), 15u);
  EXPECT_EQ(lines[0], "TA Is the object red? -> Yes");
  EXPECT_EQ(lines[2], "TA Is the object a ball? -> Yes");
  EXPECT_EQ(lines[4], "TA Does the object move left? -> Yes");
  EXPECT_EQ(lines[6], "TA Is the background gray? -> Yes");
  for (size_t twin : {1, 3, 5, 7}) {
    EXPECT_EQ(all[twin].answer, "No");
    EXPECT_NE(all[twin].text, all[twin - 1].text);
    EXPECT_EQ(all[twin].text.substr(0, 12), all[twin - 1].text.substr(0, 12));
  }
  EXPECT_EQ(std::vector<std::string>(lines.begin() + 8, lines.end()),
            (std::vector<std::string>{
                "PF Does the object keep its color? -> Yes", "PF Does the object move smoothly? -> Yes",
                "VQ Are the corners clean? -> Yes",
                "TA Describe the video. -> a red ball moves left on a gray background",
                "TA What color is the object? -> red", "TA What shape is the object? -> ball",
                "TA Where does the object move? -> left"}));
  EXPECT_EQ(all[14].id, "p0-q14");
  EXPECT_EQ(stats.matched, 1);
  EXPECT_EQ(stats.counts.at("TA yes_no No"), 4);
  EXPECT_EQ(stats.counts.at("TA dense"), 4);

  options.dense = false;
  EXPECT_EQ(make_questions({"a red ball moves left on a gray background"}, tiny(), options).size(), 11u);
  options.twins = false;
  EXPECT_EQ(make_questions({"a red ball moves left on a gray background"}, tiny(), options).size(), 7u);
  options.aspects = {Aspect::kVQ};
  EXPECT_EQ(make_questions({"a red ball moves left on a gray background"}, tiny(), options).size(), 1u);
}

TEST(TemplateSet, PhysicsQuestionsShowTheClipOfAPrompt) {
  const std::vector<std::string> prompts = {"a red ball moves left on a gray background", "a cat sleeps"};
  QuestionStats stats;
  const auto with = make_questions(prompts, tiny(), {}, &stats, {"", "clips/7.mp4"});
  const auto without = make_questions(prompts, tiny(), {});
  size_t shown = 0;
  for (const Question& q : with) {
    if (q.reference.empty()) continue;
    ++shown;
    EXPECT_EQ(q.reference, "clips/7.mp4");
    EXPECT_EQ(q.prompt, 1);
    EXPECT_EQ(q.aspect, Aspect::kPF);
    EXPECT_NE(q.text.find("video 1"), std::string::npos) << q.text;
  }
  EXPECT_EQ(shown, 4u);  // two and their twins
  EXPECT_EQ(with.size(), without.size() + shown);
  QuestionOptions options;
  options.aspects = {Aspect::kTA};
  for (const Question& q : make_questions(prompts, tiny(), options, nullptr, {"a", "b"}))
    EXPECT_EQ(q.reference, "");
}

TEST(TemplateSet, TwinsAreSeededNeverTheTruthAndOfEveryOtherValue) {
  const std::vector<std::string> prompts = questions::read_prompts(source_path("assets/tiny/prompts.txt"));
  const auto all = make_questions(prompts, tiny(), {});
  EXPECT_EQ(all.size(), prompts.size() * 15);
  EXPECT_EQ(all, make_questions(prompts, tiny(), {}));
  std::map<std::string, int> twins;
  for (const Question& q : all) {
    if (q.answer != "No") continue;
    ++twins[q.text];
    const std::string value = q.text.substr(q.text.find_last_of(' ') + 1);
    const std::string word = " " + value.substr(0, value.size() - 1) + " ";
    EXPECT_EQ((prompts[static_cast<size_t>(q.prompt)] + " ").find(word), std::string::npos) << q.text;
  }
  EXPECT_EQ(twins.size(), 14u);
  for (const auto& [text, count] : twins) EXPECT_GT(count, 10) << text;
  QuestionOptions other;
  other.seed = 1;
  EXPECT_NE(all, make_questions(prompts, tiny(), other));
}

TEST(TemplateSet, PatternsMatchWholePromptsInAnyCaseAndNothingElse) {
  const TemplateSet set = tiny();
  const auto values = set.match("  A Red ball  moves LEFT on a gray background. ");
  EXPECT_EQ(values.at("color"), "red");
  EXPECT_EQ(values.at("motion"), "left");
  for (const std::string other :
       {"", "a red ball moves left on a gray background in the rain",
        "a pink ball moves left on a gray background", "one red ball moves left on a gray background",
        "aredball moves left on a gray background"}) {
    EXPECT_TRUE(set.match(other).empty()) << other;
  }
}

TEST(TemplateSet, SlotsThatShareABeginningAndRepeatedSlotsAreResolved) {
  TemporaryFolder folder;
  write_text(folder / "s.json",
             R"({"slots":{"a":["red","red hot"],"b":["iron","hot iron"]},
                 "patterns":["{a} {b}!", "{a}, {a} and {b}"],
                 "questions":[{"aspect":"TA","kind":"yes_no","text":"Is it {a}?","answer":"No","twin":"a"}]})");
  const TemplateSet set = TemplateSet::read(folder / "s.json");
  EXPECT_EQ(set.match("red hot iron!").at("b"), "hot iron");
  EXPECT_EQ(set.match("red hot hot iron!").at("a"), "red hot");
  EXPECT_EQ(set.match("red hot, red hot and iron").at("a"), "red hot");
  EXPECT_TRUE(set.match("red, red hot and iron").empty());
  QuestionOptions only;
  only.aspects = {Aspect::kTA};
  EXPECT_EQ(lines_of(make_questions({"red hot iron!"}, set, only)),
            (std::vector<std::string>{"TA Is it red? -> No", "TA Is it red hot? -> Yes"}));
}

TEST(TemplateSet, WhatIsWrongInTheFileIsNamed) {
  TemporaryFolder folder;
  const std::string question = R"({"aspect":"TA","kind":"yes_no","text":"{a}?","answer":"Yes","twin":"a"})";
  const auto set = [](const std::string& slots, const std::string& patterns, const std::string& questions) {
    return "{\"slots\":" + slots + ",\"patterns\":" + patterns + ",\"questions\":[" + questions + "]}";
  };
  const std::string a = R"({"a":["x","y"]})", p = R"(["the {a}"])";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"[]", "is not a JSON object"},
      {"{\"slots\":", "is not a JSON object"},
      {R"({"slot":{}})", "unknown key \"slot\"; did you mean slots?"},
      {R"({"slots":{}})", "lacks \"patterns\""},
      {set("[]", p, question), "slots is not an object"},
      {set(R"({"a":[]})", p, question), "slots.a is not a list"},
      {set(R"({"a":["x","x"]})", p, question), "slots.a holds \"x\" twice"},
      {set(R"({"a":["x",1]})", p, question), "slots.a holds 1"},
      {set(R"({"prompt":["x"]})", p, question), "slots.prompt stands for"},
      {set(a, "[]", question), "patterns is not a list"},
      {set(a, R"(["no slot"])", question), "patterns[0] has no slot"},
      {set(a, R"(["the {b}"])", question), "patterns[0] names the slot {b}"},
      {set(a, R"(["the {prompt}"])", question), "patterns[0] names the slot {prompt}"},
      {set(a, R"(["the {a"])", question), "patterns[0] has a { without its }"},
      {set(a, p, ""), "questions is not a list"},
      {set(a, p, "7"), "questions[0] is not an object"},
      {set(a, p, R"({"aspect":"TA"})"), "questions[0] lacks \"kind\""},
      {set(a, p, R"({"aspekt":"TA"})"), "did you mean aspect?"},
      {set(a, p, R"({"aspect":"T","kind":"dense","text":"t","answer":"x"})"), "aspect \"T\""},
      {set(a, p, R"({"aspect":"TA","kind":"d","text":"t","answer":"x"})"), "kind \"d\""},
      {set(a, p, R"({"aspect":"TA","kind":"yes_no","text":"t","answer":"x"})"), "answer \"x\""},
      {set(a, p, R"({"aspect":"TA","kind":"dense","text":"t","answer":"x","twin":"a"})"), "only a yes_no"},
      {set(a, p, R"({"aspect":"TA","kind":"yes_no","text":"t","answer":"No","twin":"a"})"), "does not name"},
      {set(R"({"a":["x"]})", p, question), "without a second value"},
      {set(a, p, R"({"aspect":"TA","kind":"dense","text":"t","answer":"x","weight":-1})"), "weight -1"},
  };
  for (const auto& [bytes, part] : cases) {
    write_text(folder / "set.json", bytes);
    const std::string message = error_of(ErrorKind::kInput, [&] { TemplateSet::read(folder / "set.json"); });
    EXPECT_TRUE(says(message, "set.json: ")) << bytes;
    EXPECT_TRUE(says(message, part)) << bytes;
  }
}

TEST(MakeQuestions, EveryEnabledAspectIsAskedAndDuplicatesGo) {
  TemporaryFolder folder;
  write_text(folder / "s.json",
             R"({"slots":{"a":["x","y"]},"patterns":["{a}"],
                 "questions":[{"aspect":"TA","kind":"yes_no","text":"Is it?","answer":"Yes"},
                              {"aspect":"TA","kind":"yes_no","text":"Is it?","answer":"No"}]})");
  QuestionStats stats;
  const auto questions = make_questions({"x"}, TemplateSet::read(folder / "s.json"), {}, &stats);
  EXPECT_EQ(stats.duplicates, 1);
  EXPECT_EQ(stats.filled, 2);
  std::map<Aspect, int> aspects;
  for (const Question& q : questions) ++aspects[q.aspect];
  EXPECT_EQ(aspects[Aspect::kTA], 1);
  EXPECT_GT(aspects[Aspect::kPF], 0);
  EXPECT_GT(aspects[Aspect::kVQ], 0);
  QuestionOptions none;
  none.aspects.clear();
  error_of(ErrorKind::kConfig, [&] { make_questions({"x"}, {}, none); });
}

}  // namespace
}  // namespace drf::templates
