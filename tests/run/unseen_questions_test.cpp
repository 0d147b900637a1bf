// Questions that are held out, and paraphrases: no run trains on them, and drf eval says how they fare.

#include <cmath>
#include <map>

#include "tests/run/tiny_train.h"

namespace drf::testing {
namespace {

const char* const kPrompts =
    "a red ball moves left on a black background\na blue square moves up on a white background\n";

// The questions of a file, and below them others of the same prompts that are not to be trained on.
class UnseenQuestions : public ::testing::Test {
 protected:
  void SetUp() override {
    write_text(folder_ / "p.txt", kPrompts);
    const Outcome made = run_drf({"questions", (folder_ / "p.txt").string(), "--templates",
                                  source_path("assets/tiny/questions.json").string(), "--no-dense"});
    ASSERT_EQ(made.code, 0) << made.err;
    seen_ = made.out;
    write_text(folder_ / "seen.jsonl", seen_);
    unseen_ =
        R"({"id":"h0","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is the object large?","answer":"Yes","split":"held_out"})"
        "\n"
        R"({"id":"h1","prompt":1,"aspect":"TA","kind":"yes_no","text":"Is the object tiny?","answer":"No","split":"held_out"})"
        "\n"
        R"({"id":"r0","prompt":0,"aspect":"TA","kind":"yes_no","text":"Does the video show a thing that is red?","answer":"Yes","paraphrase_of":"p0-q0"})"
        "\n";
    write_text(folder_ / "all.jsonl", unseen_ + seen_);
  }

  Arguments with(const std::string& file) const {
    return {"prompts.train=" + (folder_ / "p.txt").string(), "questions.templates=", "questions.dense=true",
            "questions.file=" + (folder_ / file).string()};
  }

  TemporaryFolder folder_;
  std::string seen_, unseen_;
};

TEST_F(UnseenQuestions, AreNeverTrainedOn) {
  ASSERT_NE(seen_.find(R"("id":"p0-q0","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is the object )"),
            std::string::npos);
  for (const char* file : {"seen", "all"}) {
    const Outcome outcome =
        train(folder_ / file, joined(with(std::string(file) + ".jsonl"), {"train.updates=2"}));
    ASSERT_EQ(outcome.code, 0) << outcome.err;
  }
  expect_same_run(folder_ / "seen", folder_ / "all", 2);
  // The run keeps them beside what it trained on.
  const std::string kept = read_file(folder_ / "all/questions.jsonl");
  EXPECT_NE(kept.find(R"("id":"h1")"), std::string::npos);
  EXPECT_NE(kept.find(R"("paraphrase_of":"p0-q0")"), std::string::npos);
  EXPECT_EQ(read_file(folder_ / "seen/questions.jsonl"), seen_);
}

TEST_F(UnseenQuestions, AreReportedByEval) {
  const Outcome trained = train(folder_ / "run", joined(with("all.jsonl"), {"train.updates=1"}));
  ASSERT_EQ(trained.code, 0) << trained.err;
  const auto eval = [&](const std::string& file, const Arguments& more) {
    return run_drf(joined(tiny_config("eval", joined(with(file), {"eval.prompts=2", "train.batch=2"})),
                          joined({"--lora", checkpoint(folder_ / "run", 1).string()}, more)));
  };
  const Outcome outcome = eval("all.jsonl", {"--json"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto rows = nlohmann::json::parse(outcome.out);
  std::map<std::string, double> base = rows["base"]["questions"], after = rows["after"]["questions"];
  EXPECT_EQ(base["clips"], 2);
  for (const char* name : {"trained", "held_out", "paraphrases"}) {
    EXPECT_TRUE(base.at(name) > 0 && base.at(name) < 1) << name;
    EXPECT_NE(base.at(name), after.at(name)) << name << ": the adapters were not in place";
  }
  // Each group is its own: without the paraphrase only that one is gone.
  write_text(folder_ / "some.jsonl", unseen_.substr(0, unseen_.find("{\"id\":\"r0\"")) + seen_);
  const auto some = nlohmann::json::parse(eval("some.jsonl", {"--json"}).out)["base"]["questions"];
  EXPECT_FALSE(some.contains("paraphrases"));
  EXPECT_NEAR(some["held_out"].get<double>(), base["held_out"], 1e-5);
  EXPECT_NEAR(some["trained"].get<double>(), base["trained"], 1e-5);
  EXPECT_FALSE(nlohmann::json::parse(eval("seen.jsonl", {"--json"}).out)["base"].contains("questions"));
  const Outcome table = eval("all.jsonl", {});
  EXPECT_NE(table.out.find("p(right) on 2 clips of 2 training prompts"), std::string::npos) << table.out;
  EXPECT_NE(table.out.find("\nheld_out "), std::string::npos) << table.out;
}

// The row of paraphrases is that of what is trained on, twins and all, in other words: of those that repeat
// their questions letter by letter it is the same.
TEST_F(UnseenQuestions, ParaphrasesStandForTheQuestionsThatAreTrainedOn) {
  const auto line = [](const std::string& id, const std::string& text, const std::string& more) {
    return R"({"id":")" + id + R"(","prompt":0,"aspect":"TA","kind":"yes_no","text":")" + text +
           R"(","answer":"Yes",)" + more + "}\n";
  };
  const std::string held_out =
      unseen_.substr(0, unseen_.find("{\"id\":\"r0\"")) +
      line("h2", "Is the object of another kind than it was?", R"("split":"held_out","paraphrase_of":"h0")");
  write_text(folder_ / "same.jsonl",
             held_out + line("r0", "Is the object red?", R"("paraphrase_of":"p0-q0")") + seen_);
  write_text(folder_ / "other.jsonl",
             held_out + line("r0", "Does a thing that is red move?", R"("paraphrase_of":"p0-q0")") + seen_);
  write_text(folder_ / "none.jsonl", held_out + seen_);
  const Outcome trained = train(folder_ / "run", joined(with("same.jsonl"), {"train.updates=1"}));
  ASSERT_EQ(trained.code, 0) << trained.err;
  const auto rows = [&](const std::string& file) {
    const Outcome outcome =
        run_drf(joined(tiny_config("eval", joined(with(file), {"eval.prompts=2", "train.batch=2"})),
                       {"--lora", checkpoint(folder_ / "run", 1).string(), "--json"}));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return nlohmann::json::parse(outcome.out)["base"]["questions"];
  };
  const auto same = rows("same.jsonl"), other = rows("other.jsonl");
  EXPECT_NEAR(same["paraphrases"].get<double>(), same["trained"], 1e-5);
  EXPECT_NEAR(other["trained"].get<double>(), same["trained"], 1e-5);
  // One question of its clip is asked otherwise, and half of the clips have one.
  EXPECT_GT(std::abs(other["paraphrases"].get<double>() - other["trained"].get<double>()), 1e-5);
  EXPECT_LT(std::abs(other["paraphrases"].get<double>() - other["trained"].get<double>()), 1.0 / 11);
  EXPECT_FALSE(rows("none.jsonl").contains("paraphrases")) << "those of the held-out stand for none of it";
}

TEST_F(UnseenQuestions, APromptWithNothingElseIsRefused) {
  write_text(folder_ / "only.jsonl", unseen_.substr(0, unseen_.find("{\"id\":\"r0\"")));
  EXPECT_TRUE(refused(train(folder_ / "run", with("only.jsonl")), 3,
                      {"only.jsonl: prompt 0 has no question to train on, only held-out ones"}));
}

}  // namespace
}  // namespace drf::testing
