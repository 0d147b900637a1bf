// A person's marks: read strictly, counted with intervals, carried to another version of a file.

#include <gtest/gtest.h>

#include <cmath>

#include "drf/questions/question_figures.h"
#include "drf/questions/question_file.h"
#include "drf/questions/question_marks.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf::questions {
namespace {

using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;

// Two prompts with two questions each, and the lines of a whole set of marks.
struct Case {
  Case() {
    write_text(folder / "p.txt", "a ball\na dog\n");
    write_questions(folder / "q.jsonl", {{"a", 0, Aspect::kTA, Kind::kYesNo, "Is there a ball?", "Yes"},
                                         {"b", 0, Aspect::kTA, Kind::kYesNo, "Is there a cube?", "No"},
                                         {"c", 1, Aspect::kTA, Kind::kYesNo, "Is there a dog?", "Yes"},
                                         {"d", 1, Aspect::kVQ, Kind::kYesNo, "Is it sharp?", "Yes"}});
    files = read_judged_files(folder / "p.txt", folder / "q.jsonl");
    header = R"({"marks":1,"questions":")" + files.questions_digest + R"(","prompts":")" +
             files.prompts_digest + "\"";
  }
  std::filesystem::path write(const std::string& lines, const std::string& more = "}\n") {
    write_text(folder / "marks.jsonl", header + more + lines);
    return folder / "marks.jsonl";
  }
  std::string refusal(const std::string& lines, const std::string& more = "}\n") {
    const auto path = write(lines, more);
    return error_of(ErrorKind::kInput, [&] { read_marks(path, files); });
  }
  TemporaryFolder folder;
  JudgedFiles files;
  std::string header;
  const std::string ball = R"({"prompt":0,"prompt_text":"a ball","missed":["it rolls"],"whole":true})"
                           "\n";
  const std::string dog = R"({"prompt":1,"prompt_text":"a dog","missed":[],"whole":false})"
                          "\n";
  static std::string mark(const std::string& id, int prompt, const std::string& text,
                          const std::string& answer, const std::string& more) {
    return R"({"id":")" + id + R"(","prompt":)" + std::to_string(prompt) +
           R"(,"aspect":"TA","kind":"yes_no","text":")" + text + R"(","answer":")" + answer + R"(",)" + more +
           "}\n";
  }
  const std::string a = mark("a", 0, "Is there a ball?", "Yes", R"("verdict":"valid")");
  const std::string b = mark("b", 0, "Is there a cube?", "No", R"("verdict":"wrong target")");
  const std::string c = mark("c", 1, "Is there a dog?", "Yes", R"("verdict":"duplicate")");
};

TEST(Marks, AreReadByIdAndCounted) {
  Case t;
  const Marks marks = read_marks(t.write(t.ball + t.a + t.b + t.dog + t.c), t.files);
  EXPECT_EQ(marks.of_question[0]->verdict, Verdict::kValid);
  EXPECT_EQ(marks.of_question[1]->verdict, Verdict::kWrongTarget);
  EXPECT_FALSE(marks.of_question[3]);
  const Figures figures = figures_of(t.files, marks);
  EXPECT_EQ(figures.judged, 3);
  EXPECT_EQ(figures.judged_prompts, 1);
  EXPECT_EQ(figures.rows[0].name, "TA");
  EXPECT_EQ(figures.rows[0].all.hits, 1);
  EXPECT_EQ(figures.rows[0].all.of, 3);
  // Nothing of VQ is judged yet: the row is there, its shares are unknown.
  EXPECT_EQ(figures.rows[1].name, "VQ");
  EXPECT_EQ(figures.rows[1].all.of, 0);
  EXPECT_EQ(figures.recall->hits, 1);
  EXPECT_EQ(figures.recall->of, 2);
}

TEST(Marks, AQuestionCountsAsAFactByItsTargetOrByItsMark) {
  const Question yes{"a", 0, Aspect::kTA, Kind::kYesNo, "?", "Yes"},
      no{"b", 0, Aspect::kTA, Kind::kYesNo, "?", "No"};
  EXPECT_TRUE(counts_as_fact(yes, {Verdict::kValid}));
  EXPECT_FALSE(counts_as_fact(yes, {Verdict::kValid, false}));
  EXPECT_FALSE(counts_as_fact(yes, {Verdict::kDuplicate}));
  EXPECT_FALSE(counts_as_fact(no, {Verdict::kValid}));
  EXPECT_TRUE(counts_as_fact(no, {Verdict::kValid, true}));
  Question again = yes;
  again.paraphrase_of = "z";
  EXPECT_FALSE(counts_as_fact(again, {Verdict::kValid}));
  EXPECT_TRUE(counts_as_fact(again, {Verdict::kValid, true}));
  EXPECT_FALSE(counts_as_fact({"c", 0, Aspect::kVQ, Kind::kYesNo, "?", "Yes"}, {Verdict::kValid}));
}

TEST(Marks, WhatIsNotOfTheseFilesIsRefusedWithItsLine) {
  Case t;
  const auto line = [](const std::string& id, const std::string& more) {
    return Case::mark(id, 0, "Is there a ball?", "Yes", more);
  };
  EXPECT_TRUE(says(t.refusal(t.ball + t.a + t.a), "marks.jsonl:4: question \"a\" was marked on line 3"));
  EXPECT_TRUE(says(t.refusal(t.ball + line("z", R"("verdict":"valid")")), "no question has the id \"z\""));
  EXPECT_TRUE(says(t.refusal(t.ball + line("b", R"("verdict":"valid")")), "question \"b\" reads otherwise"));
  EXPECT_TRUE(
      says(t.refusal(t.ball + line("a", R"("verdict":"wrong targt")")), "did you mean \"wrong target\"?"));
  EXPECT_TRUE(
      says(t.refusal(t.ball + line("a", R"("verdict":"duplicate","fact":true)")), "\"fact\" is for valid"));
  EXPECT_TRUE(says(t.refusal(t.ball + line("a", R"("verdict":"valid","why":"x")")), "unknown key \"why\""));
  EXPECT_TRUE(says(t.refusal(t.ball + line("a", R"("verdict":"valid","fact":1)")), "wanted true or false"));
  EXPECT_TRUE(says(t.refusal(t.a), "prompt 0 of the mark has no line"));
  EXPECT_TRUE(says(t.refusal(t.ball + t.ball + t.a), "prompt 0 has its line already, 2"));
  EXPECT_TRUE(says(t.refusal(t.ball), "no question is marked"));
  EXPECT_TRUE(says(t.refusal(R"({"prompt":0,"prompt_text":"a bowl","missed":[],"whole":true})"
                             "\n" +
                             t.a),
                   "prompt 0 is not this one"));
  EXPECT_TRUE(says(t.refusal(R"({"prompt":9,"prompt_text":"a ball","missed":[],"whole":true})"
                             "\n" +
                             line("a", R"("verdict":"valid")") + t.ball),
                   "prompt 9 is not this one"));
  EXPECT_TRUE(says(t.refusal(R"({"prompt":0,"prompt_text":"a ball","missed":[""],"whole":true})"
                             "\n" +
                             t.a),
                   "\"missed\" is empty"));
  EXPECT_TRUE(says(t.refusal(t.ball + t.a, R"(,"sample":{"prompts":3,"of":2,"seed":0}})"
                                           "\n"),
                   "more prompts than"));
  EXPECT_TRUE(says(t.refusal(t.ball + t.a, R"(,"sample":{"prompts":1,"of":3,"seed":0}})"
                                           "\n"),
                   "a sample of 3 prompts"));
  EXPECT_TRUE(says(t.refusal(t.ball + t.a + t.dog + t.c, R"(,"sample":{"prompts":1,"of":2,"seed":0}})"
                                                         "\n"),
                   "is not in the sample"));
  write_text(t.folder / "marks.jsonl", t.a);
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_marks(t.folder / "marks.jsonl", t.files); }),
                   "marks.jsonl:1: no file of marks"));
}

TEST(Marks, OfAnotherFileAreRefusedAndCarriedWhereTheyFit) {
  Case t;
  const auto path = t.write(t.ball + t.a + t.b + t.dog + t.c);
  // The cube's question reads otherwise now, the dog's has another id, prompts have changed places.
  write_text(t.folder / "p.txt", "a dog\na ball\n");
  write_questions(t.folder / "q.jsonl", {{"x", 0, Aspect::kTA, Kind::kYesNo, "Is there a dog?", "Yes"},
                                         {"a", 1, Aspect::kTA, Kind::kYesNo, "Is there a ball?", "Yes"},
                                         {"b", 1, Aspect::kTA, Kind::kYesNo, "Is there a cube?", "Yes"}});
  const JudgedFiles now = read_judged_files(t.folder / "p.txt", t.folder / "q.jsonl");
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { read_marks(path, now); }),
                   "the marks are of another question file"));
  const CarriedMarks carried = carry_marks(path, now);
  EXPECT_EQ(carried.kept, 2);
  EXPECT_EQ(carried.set_aside, 1);
  EXPECT_EQ(carried.marks.of_question[0]->verdict, Verdict::kDuplicate);
  EXPECT_EQ(carried.marks.of_question[1]->verdict, Verdict::kValid);
  EXPECT_FALSE(carried.marks.of_question[2]);
  EXPECT_EQ(carried.marks.of_prompt[1].facts, std::vector<std::string>{"it rolls"});
  EXPECT_FALSE(carried.marks.of_prompt[1].whole) << "one of its questions is open";
}

// What reads the same under another aspect, or is to be described and not answered, is judged by other rules.
TEST(Marks, AreNotInheritedByTheSameWordsUnderAnotherAspectOrKind) {
  Case t;
  const auto path = t.write(t.ball + t.a + t.dog + t.c);
  write_questions(t.folder / "q.jsonl", {{"a", 0, Aspect::kPF, Kind::kYesNo, "Is there a ball?", "Yes"},
                                         {"c", 1, Aspect::kTA, Kind::kDense, "Is there a dog?", "Yes"}});
  const JudgedFiles now = read_judged_files(t.folder / "p.txt", t.folder / "q.jsonl");
  const CarriedMarks carried = carry_marks(path, now);
  EXPECT_EQ(carried.kept, 0);
  EXPECT_EQ(carried.set_aside, 2);
  EXPECT_FALSE(carried.marks.of_question[0]);
  EXPECT_FALSE(carried.marks.of_question[1]);
  // Nor are they read as marks of it where a file is said to be the same one.
  t.files = now;
  t.header =
      R"({"marks":1,"questions":")" + now.questions_digest + R"(","prompts":")" + now.prompts_digest + "\"";
  EXPECT_TRUE(says(t.refusal(t.ball + t.a), "question \"a\" reads otherwise"));
  EXPECT_TRUE(says(t.refusal(t.dog + t.c), "question \"c\" reads otherwise"));
}

// A fact that is asked no more is missed now, and only a person can say so.
TEST(Marks, OpenAPromptAgainWhoseFactIsAskedNoMore) {
  Case t;
  const auto path = t.write(t.ball + t.a + t.b);
  const auto whole_with = [&](const Question& left) {
    write_questions(t.folder / "q.jsonl", {left});
    return carry_marks(path, read_judged_files(t.folder / "p.txt", t.folder / "q.jsonl"))
        .marks.of_prompt[0]
        .whole;
  };
  EXPECT_TRUE(whole_with(t.files.questions[0])) << "what is gone was wrong";
  EXPECT_FALSE(whole_with(t.files.questions[1])) << "the ball is not asked for now";
}

// Wilson's interval has a closed form where all draws hit: n / (n + z^2).
TEST(Intervals, AreWilsonsAtTheNumberOfIndependentDraws) {
  const double z2 = 1.959963984540054 * 1.959963984540054;
  // Nothing shows how alike the questions of a prompt are: .3, at (4 * 4 + 6 * 6) / 10 of them in a prompt.
  const double draws = 10 / (1 + .3 * 4.2);
  const Share all = share_by_prompt({{4, 4}, {0, 0}, {6, 6}});
  EXPECT_NEAR(all.low, draws / (draws + z2), 1e-12);
  EXPECT_EQ(all.high, 1);
  const Share none = share_by_prompt({{0, 4}, {0, 6}});
  EXPECT_EQ(none.low, 0);
  EXPECT_NEAR(none.high, z2 / (draws + z2), 1e-12);
  // One miss in ten prompts of ten questions: it looks independent, and says little of that.
  std::vector<std::pair<int64_t, int64_t>> rare(10, {10, 10});
  rare[3].first = 9;
  EXPECT_NEAR(share_by_prompt(rare).design_effect, 1 + .3 * 2 / 3 * 9, 1e-12);
  // Prompts whose questions stand or fall together are as many draws as there are prompts, but for m - 1.
  const Share together = share_by_prompt({{5, 5}, {0, 5}, {5, 5}, {0, 5}});
  EXPECT_NEAR(together.design_effect, 5 * 4.0 / 3, 1e-12);
  // A question each: no more than the formula itself (R: prop.test(81, 263, correct = FALSE)).
  std::vector<std::pair<int64_t, int64_t>> single(263, {0, 1});
  for (size_t i = 0; i < 81; ++i) single[i].first = 1;
  const Share wilson = share_by_prompt(single);
  EXPECT_NEAR(wilson.design_effect, 263.0 / 262, 1e-12);
  EXPECT_NEAR(wilson.low, 0.2553, 3e-4);
  EXPECT_NEAR(wilson.high, 0.3662, 3e-4);
  // One prompt alone says nothing of others.
  EXPECT_EQ(share_by_prompt({{3, 4}}).design_effect, 4);
  EXPECT_EQ(share_by_prompt({}).of, 0);
}

}  // namespace
}  // namespace drf::questions
