// What a run measures of itself, from outside: it changes no bit of the run, is the same when resumed, and
// ends a run that hacks.

#include <cmath>

#include "drf/base/random.h"
#include "tests/run/tiny_train.h"

namespace drf::testing {
namespace {

const char* const kPrompt = "a red ball moves left on a black background\n";

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class GuardsRun : public ::testing::Test {
 protected:
  fs::path run_of(const std::string& name, const Arguments& settings, const Arguments& more = {}) {
    const Outcome outcome = train(folder_ / name, settings, more);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    said_ = outcome.err;
    return folder_ / name;
  }
  TemporaryFolder folder_;
  std::string said_;
};

TEST_F(GuardsRun, ChangeNoNumberOfARun) {
  const Arguments settings = {"train.updates=2", "train.ema=0.5"};
  const fs::path plain = run_of("plain", settings),
                 watched = run_of("watched",
                                  joined(settings, {"train.eval_every=1", "eval.prompts=2", "eval.seeds=2"}));
  EXPECT_TRUE(mentions(said_, "the base model on the held-out prompts: 12 clips in "))
      << said_;  // 2 of 6 seeds
  EXPECT_TRUE(mentions(said_, "after update 2: 4 clips in ")) << said_;
  expect_same_run(plain, watched, 2);
  const auto rows = metrics(watched);
  for (const char* name : {"motion", "flicker", "saturated", "saturation", "high_frequency", "diversity"}) {
    const double value = rows[1].at(std::string("held_out_") + name);
    EXPECT_TRUE(value >= 0 && value <= 1) << name << " " << value;
  }
  for (const char* name : {"pixels", "velocity", "adapters"}) {
    const std::string key = std::string("base_distance/") + name;
    EXPECT_GT(rows[0].at(key), 0) << key;
    EXPECT_GT(rows[1].at(key), rows[0].at(key)) << key;
    EXPECT_FALSE(metrics(plain)[1].contains(key));
  }
  EXPECT_FALSE(fs::exists(plain / "base_clips.safetensors"));
  EXPECT_FALSE(fs::exists(plain / "evaluation.json"));
  // What the page shows is of the newest validation: clips, where the critic looked, answers.
  const auto evaluation = nlohmann::json::parse(read_file(watched / "evaluation.json"));
  ASSERT_EQ(evaluation["clips"].size(), 2u);
  size_t files = 0;
  for (const auto& clip : evaluation["clips"]) {
    EXPECT_EQ(clip["strip"].get<std::string>().rfind("samples/step-000002-", 0), 0u) << clip;
    EXPECT_GT(clip["looks"].size(), 0u);
    files += 2 + clip["looks"].size();
    for (const auto& look : clip["looks"])
      EXPECT_TRUE(fs::exists(watched / look["file"].get<std::string>())) << look;
  }
  EXPECT_EQ(static_cast<size_t>(std::distance(fs::directory_iterator(watched / "samples"), {})), files);
  EXPECT_GT(evaluation["questions"].size(), 2u);
  EXPECT_EQ(evaluation["rows"][0]["name"], "held_out_reward");
  EXPECT_EQ(evaluation["rows"][0]["after"], rows[1]["held_out_reward"]);
  const std::string page = read_file(watched / "report.html");
  EXPECT_TRUE(mentions(page, "<img class=\"look\"") && mentions(page, "after update 2,"));
}

// A folder that takes no clips costs the page, nothing else.
TEST_F(GuardsRun, ClipsThatCannotBeShownAreAWarning) {
  const fs::path run = run_of("run", {"train.updates=1"});
  write_text(run / "samples", "in the way");
  run_of("run", {"train.updates=2", "train.eval_every=1", "eval.prompts=1"}, {"--resume"});
  EXPECT_TRUE(mentions(said_, "clips to look at: ") && mentions(said_, "the validation goes on without them"))
      << said_;
  EXPECT_TRUE(metrics(run)[1].contains("held_out_motion"));
}

TEST_F(GuardsRun, TheBaseModelsClipsAreMadeOnceAndAnewWhereTheyAreDamaged) {
  const auto settings = [](const char* updates) {
    return Arguments{std::string("train.updates=") + updates, "train.eval_every=1", "eval.prompts=1"};
  };
  const std::string made = "the base model on the held-out prompts: 9 clips";
  const fs::path whole = run_of("whole", settings("3"));
  const fs::path run = run_of("run", settings("1"));
  EXPECT_TRUE(mentions(said_, made)) << said_;
  const fs::path base = run / "base_clips.safetensors";
  const std::string kept = read_file(base);
  run_of("run", settings("2"), {"--resume"});
  EXPECT_FALSE(mentions(said_, made)) << said_;
  write_text(base, kept.substr(0, kept.size() / 2));
  run_of("run", settings("3"), {"--resume"});
  EXPECT_TRUE(mentions(said_, "the base model's clips are made anew") && mentions(said_, made)) << said_;
  EXPECT_EQ(read_file(base), kept);
  expect_same_run(whole, run, 3);
  // A whole file that lacks what validations look up, or has what they do not know.
  const auto rewritten = [&](const std::string& updates, const std::string& drop, const std::string& add) {
    const SafetensorsFile file(base);
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const auto& [name, entry] : file.entries())
      if (drop.empty() || name.rfind(drop, 0) != 0) tensors.emplace_back(name, file.get(name).clone());
    if (!add.empty()) tensors.emplace_back(add, at::ones({1, 9}, at::kDouble));
    const auto metadata = file.metadata();
    write_safetensors(base, tensors, {metadata.begin(), metadata.end()});
    run_of("run", settings(updates.c_str()), {"--resume"});
    EXPECT_TRUE(mentions(said_, "the base model's clips are made anew") && mentions(said_, made)) << said_;
    EXPECT_EQ(read_file(base), kept);
    EXPECT_TRUE(metrics(run).back().contains("held_out_motion")) << said_;
  };
  rewritten("4", "overviews", "");
  rewritten("5", "", "values.colour");
  rewritten("6", "by_prompt.", "");  // as a drf of before left it
  for (size_t i = 0; i < 3; ++i) {
    auto left = metrics(whole)[i], right = metrics(run)[i];
    for (const auto& [key, value] : left.items()) {
      if (key.rfind("held_out_", 0) == 0 || key.rfind("base_distance/", 0) == 0) {
        EXPECT_EQ(value, right[key]) << key;
      }
    }
  }
}

// A judge that says the opposite of what is trained on.
TEST_F(GuardsRun, ARunWhoseJudgeFallsEndsEarly) {
  write_text(folder_ / "p.txt", kPrompt);
  const std::string clip = "kind = \"clip\"\npath = \"tests/goldens/clip/pick\"\nframes = 2\n";
  std::string config = read_file(source_path("configs/tiny.toml"));
  for (const char* section : {"[critic]", "[questions]", "[reward]"}) {
    const size_t begin = config.find(section);
    config.erase(begin, config.find("\n[", begin) - begin);
  }
  config += "\n[[rewards]]\nname = \"hacked\"\nweight = -1.0\n" + clip +
            "[[rewards]]\nname = \"pick\"\njudge = true\n" + clip;
  write_text(folder_ / "c.toml", config);
  // Every clip is the same one, so that both series are smooth.
  const auto z = normal({7, Purpose::kNoise}, 8 * 2 * 4 * 4);
  write_safetensors(folder_ / "n.safetensors", {{"noise", at::tensor(z).view({8, 2, 4, 4})}});
  const auto go = [&](const std::string& run, const Arguments& more, const Arguments& flags = {}) {
    return run_drf(joined(
        {"train", (folder_ / "c.toml").string()},
        joined(sets(joined({"prompts.train=" + (folder_ / "p.txt").string(),
                            "prompts.held_out=" + (folder_ / "p.txt").string(), "sampling.frames=5",
                            "sampling.width=16", "sampling.height=16", "sampling.steps=2", "flow.K=1",
                            "train.batch=1", "train.updates=9",
                            "sampling.noise=" + (folder_ / "n.safetensors").string(), "train.warmup=0",
                            "train.lr=0.001", "train.lr_final=1.0", "output.dir=" + (folder_ / run).string()},
                           more)),
               flags)));
  };
  const Arguments early = {"train.eval_every=1", "train.early_stop=true"};
  const Outcome ended = go("run", early);
  ASSERT_EQ(ended.code, 0) << ended.err;
  const auto rows = metrics(folder_ / "run");
  ASSERT_LT(rows.size(), 9u) << ended.err;
  EXPECT_EQ(rows.back()["alarm/held_out_reward/pick"], 1);
  EXPECT_TRUE(mentions(ended.err, "held_out_reward/pick has fallen over the ")) << ended.err;
  EXPECT_EQ(ended.out, (folder_ / "run/checkpoints/best/adapters.safetensors").string() + "\n");
  const auto best = nlohmann::json::parse(read_file(folder_ / "run/checkpoints/best/state.json"));
  EXPECT_LE(best["update"], 2);

  const Outcome again = go("run", early, {"--resume"});
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_EQ(again.out, ended.out);
  EXPECT_EQ(metrics(folder_ / "run").size(), rows.size());
  const Outcome on = go("run", {"train.eval_every=1"}, {"--resume"});
  EXPECT_EQ(on.code, 0) << on.err;
  ASSERT_EQ(go("plain", {}).code, 0);
  EXPECT_EQ(read_file(checkpoint(folder_ / "run", 9)), read_file(checkpoint(folder_ / "plain", 9)));
}

// What is trained on, a caption, is asked of held-out prompts as well: their reward is another's best.
TEST_F(GuardsRun, WithoutAJudgeTheBestIsTheBestByTheQuestionsThatAreHeldOut) {
  write_text(folder_ / "p.txt", kPrompt);
  const Outcome made = run_drf({"questions", (folder_ / "p.txt").string(), "--templates",
                                source_path("assets/tiny/questions.json").string()});
  ASSERT_EQ(made.code, 0) << made.err;
  write_text(folder_ / "made.jsonl", made.out);
  std::string trained;
  for (const std::string& line : read_utf8_lines(folder_ / "made.jsonl"))
    if (mentions(line, R"("kind":"dense")")) trained += line + "\n";
  const auto held_out = [](const std::string& text) {
    return R"({"id":"h0","prompt":0,"aspect":"TA","kind":"yes_no","text":")" + text +
           R"(","answer":"Yes","split":"held_out"})" + "\n";
  };
  // Every clip is the same one, so that the series are smooth.
  const auto z = normal({7, Purpose::kNoise}, 8 * 2 * 4 * 4);
  write_safetensors(folder_ / "n.safetensors", {{"noise", at::tensor(z).view({8, 2, 4, 4})}});
  write_text(folder_ / "q.jsonl", trained + held_out("Is the object red?"));
  const Arguments settings = {"prompts.train=" + (folder_ / "p.txt").string(),
                              "prompts.held_out=" + (folder_ / "p.txt").string(),
                              "questions.file=" + (folder_ / "q.jsonl").string(),
                              "questions.templates=",
                              "questions.dense=true",
                              "sampling.noise=" + (folder_ / "n.safetensors").string(),
                              "train.batch=1",
                              "train.warmup=0",
                              "train.lr=0.01",
                              "train.lr_final=1.0",
                              "train.eval_every=1"};
  const fs::path run = run_of("run", joined(settings, {"train.updates=9"}));
  const auto rows = metrics(run);
  size_t best = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i]["p_right/held_out"] > rows[best]["p_right/held_out"]) best = i;
  }
  const auto kept = nlohmann::json::parse(read_file(run / "checkpoints/best/state.json"));
  EXPECT_EQ(kept["update"], rows[best]["update"]);

  // Other questions: the base model's answers, the series and the best are of those.
  write_text(folder_ / "q.jsonl", trained + held_out("Is the object blue?"));
  const int64_t next = static_cast<int64_t>(rows.size()) + 1;
  run_of("run", joined(settings, {"train.updates=" + std::to_string(next)}),
         {"--resume", "--accept-changes"});
  EXPECT_TRUE(mentions(said_, "the base model on the held-out prompts")) << said_;
  const auto state = nlohmann::json::parse(read_file(checkpoint(run, static_cast<int>(next), "state.json")));
  EXPECT_EQ(state["watched/p_right/held_out"].size(), 1u);
}

}  // namespace
}  // namespace drf::testing
