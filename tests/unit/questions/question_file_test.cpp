// Question files: read strictly, and come back as written.
#include <gtest/gtest.h>

#include <functional>

#include "drf/questions/question_file.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf::questions {
namespace {

using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;

TEST(QuestionFile, ComesBackAsWritten) {
  TemporaryFolder folder;
  Question a{"p0-q0", 0, Aspect::kTA, Kind::kYesNo, "Is the \"ball\" red?", "Yes", 1};
  Question b{"p1-q0", 1, Aspect::kPF, Kind::kDense, "Was tut der B\xC3\xA4r?", "er l\xC3\xA4uft", 0.25};
  write_questions(folder / "new" / "q.jsonl", {a, b});
  EXPECT_EQ(read_questions(folder / "new" / "q.jsonl", 2), (std::vector<Question>{a, b}));
  EXPECT_EQ(
      to_json_line(a),
      R"({"id":"p0-q0","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is the \"ball\" red?","answer":"Yes","weight":1.0})");
  a.weight = 1;
  write_text(folder / "q.jsonl",
             R"({"answer":"No","text":"t","kind":"yes_no","aspect":"VQ","prompt":7,"id":"x"})"
             "\n\n");
  const auto read = read_questions(folder / "q.jsonl");
  ASSERT_EQ(read.size(), 1u);
  EXPECT_EQ(read[0], (Question{"x", 7, Aspect::kVQ, Kind::kYesNo, "t", "No", 1}));
}

TEST(QuestionFile, SplitAndParaphrasesComeBackAsWritten) {
  TemporaryFolder folder;
  Question asked{"p0-q0", 0, Aspect::kTA, Kind::kYesNo, "Is the ball red?", "Yes", 1};
  Question held_out = asked, again = asked;
  held_out.id = "p0-q1", held_out.held_out = true;
  again.id = "p0-q0-a", again.paraphrase_of = "p0-q0";
  EXPECT_TRUE(asked.trains());
  EXPECT_FALSE(held_out.trains());
  EXPECT_FALSE(again.trains());
  // A paraphrase may stand before the question that it repeats.
  write_questions(folder / "q.jsonl", {again, asked, held_out});
  EXPECT_EQ(read_questions(folder / "q.jsonl"), (std::vector<Question>{again, asked, held_out}));
  EXPECT_EQ(to_json_line(asked).find("split"), std::string::npos) << "older files' lines keep their bytes";
  EXPECT_TRUE(says(to_json_line(held_out), R"("split":"held_out")"));
  EXPECT_TRUE(says(to_json_line(again), R"("paraphrase_of":"p0-q0")"));
  write_text(
      folder / "r.jsonl",
      R"({"id":"a","prompt":0,"aspect":"TA","kind":"yes_no","text":"t","answer":"Yes","split":"train"})");
  EXPECT_TRUE(read_questions(folder / "r.jsonl")[0].trains());
}

TEST(QuestionFile, AParaphraseIsAnsweredAndKeptApartAsItsQuestion) {
  TemporaryFolder folder;
  const Question asked{"a", 0, Aspect::kTA, Kind::kYesNo, "Is the ball red?", "Yes", 1};
  const auto message = [&](const std::function<void(Question&)>& change) {
    Question again = asked;
    again.id = "b", again.paraphrase_of = "a";
    change(again);
    write_questions(folder / "q.jsonl", {asked, again});
    return error_of(ErrorKind::kInput, [&] { read_questions(folder / "q.jsonl"); });
  };
  const std::string where = "q.jsonl:2: \"paraphrase_of\" is \"a\", whose ";
  EXPECT_TRUE(says(message([](Question& q) { q.prompt = 1; }), where + "prompt is another one"));
  EXPECT_TRUE(says(message([](Question& q) { q.aspect = Aspect::kVQ; }), where + "aspect is"));
  EXPECT_TRUE(says(message([](Question& q) { q.kind = Kind::kDense; }), where + "kind is"));
  EXPECT_TRUE(says(message([](Question& q) { q.answer = "No"; }), where + "answer is"));
  EXPECT_TRUE(says(message([](Question& q) { q.held_out = true; }), where + "split is"));
}

TEST(QuestionFile, WhatIsWrongIsNamedWithItsLine) {
  TemporaryFolder folder;
  const std::string good =
      R"({"id":"a","prompt":0,"aspect":"TA","kind":"yes_no","text":"t","answer":"Yes","weight":1})";
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string line = good;
    return line.replace(line.find(from), from.size(), to);
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"x", "not a JSON object"},
      {"[1]", "not a JSON object"},
      {with("\"weight\"", "\"wieght\""), "unknown key \"wieght\"; did you mean \"weight\"?"},
      {with("\"weight\"", "\"z\""), "unknown key \"z\", wanted"},
      {with("\"text\":\"t\",", ""), "key \"text\" is missing"},
      {with("\"text\":\"t\"", "\"text\":\" \""), "\"text\" is empty"},
      {with("\"text\":\"t\"", "\"text\":3"), "\"text\" is 3, wanted a string"},
      {with("\"id\":\"a\"", "\"id\":\"\""), "\"id\" is empty"},
      {with("TA", "TX"), "\"aspect\" is \"TX\", wanted TA, PF or VQ"},
      {with("yes_no", "maybe"), "\"kind\" is \"maybe\", wanted yes_no or dense"},
      {with("Yes", "yes"), "\"answer\" is \"yes\", wanted Yes or No"},
      {with("\"prompt\":0", "\"prompt\":2"), "\"prompt\" is 2, wanted 0 to 1"},
      {with("\"prompt\":0", "\"prompt\":-1"), "\"prompt\" is -1"},
      {with("\"prompt\":0", "\"prompt\":0.5"), "\"prompt\" is 0.5"},
      {with("\"prompt\":0", "\"prompt\":18446744073709551615"), "\"prompt\" is 18446744073709551615"},
      {with("\"weight\":1", "\"weight\":-1"), "\"weight\" is -1"},
      {with("\"weight\":1", "\"weight\":\"1\""), "\"weight\" is \"1\""},
      {with("\"weight\":1", "\"weight\":null"), "\"weight\" is null"},
      {with("\"weight\":1", "\"split\":\"test\""), "\"split\" is \"test\", wanted train or held_out"},
      {with("\"weight\":1", "\"split\":1"), "\"split\" is 1, wanted a string"},
      {with("\"weight\":1", "\"paraphrase_of\":\"b\""), "\"b\", but the file has no question with this id"},
      {with("\"weight\":1", "\"paraphrase_of\":\"a\""), "\"a\", which is a paraphrase itself"},
  };
  for (const auto& [line, part] : cases) {
    write_text(folder / "q.jsonl", "\n" + line + "\n");
    const std::string message = error_of(ErrorKind::kInput, [&] { read_questions(folder / "q.jsonl", 2); });
    EXPECT_TRUE(says(message, "q.jsonl:2: ")) << line;
    EXPECT_TRUE(says(message, part)) << line;
  }
  const auto message = [&](const std::string& bytes) {
    write_text(folder / "q.JSONL", bytes);
    return error_of(ErrorKind::kInput, [&] { read_questions(folder / "q.JSONL", 2); });
  };
  const std::string long_text = std::string(3 << 20, 'x');
  EXPECT_TRUE(says(message(with("\"text\":\"t\"", "\"text\":\"" + long_text + "\"")),
                   "the text has 3145728 bytes, wanted 16384"));
  EXPECT_TRUE(
      says(message(with("\"id\":\"a\"", "\"id\":\"" + long_text + "\"")), "the id has 3145728 bytes"));
  EXPECT_TRUE(
      says(message(with("\"text\":\"t\"", R"("text":"\u001b[2J")")), "control character 27 in the text"));
  EXPECT_TRUE(says(message(with("\"text\":\"t\"", R"("text":"\u3000\u200b")")), "\"text\" is empty"));
  EXPECT_TRUE(
      says(message(with("\"weight\":1", "\"weight\":" + std::string(200'000, '['))), "nested deeper"));
  EXPECT_TRUE(says(message(good + "\n\xE3\x80\x80\nx\n"), "q.JSONL:3")) << "a line that looks empty is blank";
  write_text(folder / "q.jsonl", good + "\n" + good + "\n");
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_questions(folder / "q.jsonl"); }),
                   "q.jsonl:2: id \"a\" was used on line 1"));
  write_text(folder / "q.jsonl", "\n");
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_questions(folder / "q.jsonl"); }), "no questions"));
}

}  // namespace
}  // namespace drf::questions
