// [[rewards]] from outside: several rewards and a judge on clips, a residual on fields, and what is refused.

#include "tests/run/tiny_train.h"

namespace drf::testing {
namespace {

const char* const kTiny = R"(
seed = 0
[generator]
path = "assets/tiny/generator"
dtype = "float32"
text_length = 30
[prompts]
train = "assets/tiny/prompts.txt"
held_out = "assets/tiny/held_out.txt"
[sampling]
frames = 5
width = 16
height = 16
steps = 2
guidance = 1.0
[flow]
K = 1
[train]
batch = 2
updates = 2
eval_every = 2
[eval]
prompts = 2
)";
const char* const kQuestions = R"(
[critic]
path = "assets/tiny/critic"
dtype = "float32"
frames = 2
[questions]
templates = "assets/tiny/questions.json"
dense = false
[[rewards]]
kind = "vlm"
)";
const char* const kPick = R"(
[[rewards]]
kind = "clip"
name = "pick"
path = "tests/goldens/clip/pick"
frames = 2
)";
const char* const kFields = R"(
seed = 0
[generator]
path = "assets/fields"
dtype = "float32"
[sampling]
frames = 1
width = 32
height = 32
steps = 4
guidance = 1.0
[flow]
K = 2
[[rewards]]
kind = "residual"
equation = "poisson"
[train]
batch = 2
updates = 2
eval_every = 2
)";

const char* const kPrompts =
    "[prompts]\ntrain = \"assets/tiny/prompts.txt\"\nheld_out = \"assets/tiny/held_out.txt\"\n";

class RewardsRun : public ::testing::Test {
 protected:
  fs::path config(const std::string& text) {
    fs::remove(folder_ / "c.toml");
    write_text(folder_ / "c.toml", text);
    return folder_ / "c.toml";
  }
  Outcome command(const char* name, const std::string& text, const Arguments& more = {}) {
    return run_drf(joined({name, config(text).string()}, more));
  }
  fs::path trained(const std::string& run, const std::string& text, const Arguments& more = {}) {
    const Outcome outcome =
        command("train", text, joined(more, sets({"output.dir=" + (folder_ / run).string()})));
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return folder_ / run;
  }
  TemporaryFolder folder_;
  int runs_ = 0;
};

TEST_F(RewardsRun, AListOfTheQuestionsAloneIsTheSameAsNoList) {
  std::string without = kQuestions;
  without.erase(without.find("[[rewards]]"));
  const fs::path a = trained("a", std::string(kTiny) + without),
                 b = trained("b", std::string(kTiny) + kQuestions);
  expect_same_run(a, b, 2);
  EXPECT_EQ(metrics(b)[1]["reward/vlm"], metrics(b)[1]["reward"]);
}

TEST_F(RewardsRun, TrainingWithAJudgeIsTrainingWithoutOne) {
  const std::string judged = std::string(kTiny) + kQuestions + kPick + "judge = true\n";
  const fs::path a = trained("a", std::string(kTiny) + kQuestions), b = trained("b", judged);
  expect_same_run(a, b, 2);
  const auto last = metrics(b)[1];
  EXPECT_TRUE(last.contains("held_out_reward/pick"));
  EXPECT_FALSE(last.contains("reward/pick")) << "a judge has no part in training";
  EXPECT_EQ(last["held_out_reward"], metrics(a)[1]["held_out_reward"]);
  // Where there is a judge, it says which checkpoint is the best.
  const auto best_of = [](const fs::path& run) {
    return nlohmann::json::parse(read_file(run / "checkpoints/best/state.json")).at("held_out_reward");
  };
  EXPECT_EQ(best_of(a), last["held_out_reward"]);
  EXPECT_EQ(best_of(b), last["held_out_reward/pick"]);
  // What a run records is a recipe: nothing in it is refused.
  const Outcome plan = run_drf({"plan", (b / "config.toml").string()});
  EXPECT_EQ(plan.code, 0) << plan.err;
}

// A critic of other weights than the bundled one's: what it sees in a clip is upside down.
class OwnCritic : public RewardsRun {
 protected:
  void SetUp() override {
    fs::copy(critic(), judge_, fs::copy_options::recursive);
    const SafetensorsFile file(judge_ / "model.safetensors");
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    for (const auto& [name, entry] : file.entries())
      tensors.emplace_back(name,
                           name == "visual.merger.mlp.2.weight" ? -file.get(name) : file.get(name).clone());
    fs::remove(judge_ / "model.safetensors");
    write_safetensors(judge_ / "model.safetensors", tensors);
  }
  std::string own(const std::string& name, const std::string& more) const {
    return "[[rewards]]\nname = \"" + name + "\"\npath = \"" + judge_.string() + "\"\n" + more;
  }
  /// [critic], asked by its path: another way to the same numbers.
  std::string as_critic() const {
    std::string text = kQuestions;
    return text.replace(text.find("assets/tiny/critic"), 18, judge_.string());
  }
  fs::path judge_ = folder_ / "judge";
  const std::string asked_ = std::string(kTiny) + kQuestions, questions_ = [] {
    const std::string text = kQuestions;
    return text.substr(text.find("[questions]"), text.find("[[rewards]]") - text.find("[questions]"));
  }();
};

TEST_F(OwnCritic, AsAJudgeChangesNoBitAndSaysWhatItSaysByItself) {
  const std::string judged = asked_ + own("judge", "judge = true\nframes = 4\n");
  const Arguments each = sets({"train.eval_every=1", "train.updates=3", "train.lr=0.01"});
  const fs::path plain = trained("plain", asked_, each), run = trained("run", judged, each);
  expect_same_run(plain, run, 3);
  const auto rows = metrics(run), others = metrics(plain);
  double best = -1e9;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const auto& [key, value] : others[i].items()) {
      if (key.rfind("held_out_", 0) != 0) continue;
      EXPECT_EQ(rows[i][key], value) << key << ": the first critic's alone";
    }
    EXPECT_FALSE(rows[i].contains("reward/judge") || rows[i].contains("p_right/judge"));
    EXPECT_NE(rows[i]["held_out_reward/judge"], rows[i]["held_out_reward/vlm"]);
    best = std::max(best, rows[i]["held_out_reward/judge"].get<double>());
  }
  EXPECT_EQ(nlohmann::json::parse(read_file(run / "checkpoints/best/state.json"))["held_out_reward"], best);
  // Asked as [critic], of the clips of the same adapters.
  const Arguments lora = {"--lora", checkpoint(run, 3).string(), "--json"};
  const Outcome alone = command("eval", std::string(kTiny) + as_critic(),
                                joined(lora, sets({"critic.frames=4"}))),
                beside = command("eval", judged, lora);
  ASSERT_EQ(alone.code, 0) << alone.err;
  ASSERT_EQ(beside.code, 0) << beside.err;
  const auto want = nlohmann::json::parse(alone.out)["after"],
             got = nlohmann::json::parse(beside.out)["after"];
  for (const auto& [bare, named] : {std::pair("reward/vlm", "reward/judge"),
                                    {"p_right", "p_right/judge"},
                                    {"p_right_TA", "p_right_TA/judge"},
                                    {"p_yes", "p_yes/judge"},
                                    {"certain", "certain/judge"},
                                    {"TA", "TA/judge"}}) {
    EXPECT_EQ(got[named], want[bare]) << named;
    EXPECT_NE(got[named], got[bare]) << named;
  }
  EXPECT_EQ(rows[2]["held_out_reward/judge"], want["reward/vlm"]);
  EXPECT_EQ(rows[2]["held_out_p_right/judge"], want["p_right"]);
  EXPECT_EQ(rows[2]["held_out_p_right_TA/judge"], want["p_right_TA"]);
  EXPECT_EQ(got["reward"], rows[2]["held_out_reward"]);
  // Away from the device while others work.
  const fs::path parked = trained("parked", judged, joined(each, sets({"memory.park=on"})));
  expect_same_run(run, parked, 3);
  EXPECT_EQ(metrics(parked)[2]["held_out_reward/judge"], rows[2]["held_out_reward/judge"]);
  // What a run records is a recipe, and goes on.
  EXPECT_EQ(run_drf({"plan", (run / "config.toml").string()}).code, 0);
  EXPECT_EQ(run_drf({"train", (run / "config.toml").string(), "--resume", "--set", "train.updates=4"}).code,
            0);
  EXPECT_EQ(metrics(run).size(), 4u);
}

TEST_F(OwnCritic, TrainsBesideTheFirst) {
  const std::string both = asked_ + own("other", "weight = 2\n");
  for (const auto& row : metrics(trained("both", both))) {
    EXPECT_NEAR(row["reward"].get<double>(),
                row["reward/vlm"].get<double>() + 2 * row["reward/other"].get<double>(), 1e-4);
    EXPECT_NE(row["p_right"], row["p_right/other"]);
    EXPECT_TRUE(row.contains("reward_TA") && row.contains("reward_TA/other"));
  }
  const auto gradient = [&](const std::string& name, const std::string& text) {
    const fs::path file = folder_ / (name + ".safetensors");
    const Outcome outcome = command("gradient", text, {"--prompt", "1", "-o", file.string()});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    return SafetensorsFile(file);
  };
  const SafetensorsFile sum = gradient("sum", both), first = gradient("first", asked_),
                        second = gradient("second", std::string(kTiny) + as_critic());
  EXPECT_TRUE(sum.get("logprobs").equal(first.get("logprobs")));
  EXPECT_TRUE(sum.get("logprobs.other").equal(second.get("logprobs")));
  const at::Tensor want = first.get("d_frames") + 2 * second.get("d_frames");
  EXPECT_LT((sum.get("d_frames") - want).norm().item<double>(), 1e-5 * want.norm().item<double>());
  const Outcome checked = command("selfcheck", both, sets({"reward.focus=true", "rewards.1.dtype=float64"}));
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
}

TEST_F(OwnCritic, NeedsNoOther) {
  const std::string alone = std::string(kTiny) + questions_ + own("vlm", "dtype = \"float32\"\nframes = 2\n");
  const fs::path a = trained("a", std::string(kTiny) + as_critic()), b = trained("b", alone);
  expect_same_run(a, b, 2);
  EXPECT_EQ(metrics(a)[1]["held_out_p_right"], metrics(b)[1]["held_out_p_right"]);
  // And where something else is trained on, also for the questions that are held out.
  write_text(folder_ / "p.txt", "a red ball moves left on a black background\n");
  write_text(folder_ / "q.jsonl",
             R"({"id":"a","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is the object red?","answer":"Yes"}
{"id":"b","prompt":0,"aspect":"TA","kind":"yes_no","text":"Is the object blue?","answer":"No","split":"held_out"}
)");
  const auto with = [&](const std::string& critics) {
    const fs::path run = trained("pick" + std::to_string(runs_++), std::string(kTiny) + kPick + critics,
                                 sets({"prompts.train=" + (folder_ / "p.txt").string(),
                                       "questions.file=" + (folder_ / "q.jsonl").string()}));
    return metrics(run)[1]["p_right/held_out"];
  };
  std::string critic_judges = as_critic();
  critic_judges.erase(critic_judges.find("[questions]"),
                      critic_judges.find("[[rewards]]") - critic_judges.find("[questions]"));
  const auto judge = with(own("judge", "judge = true\nframes = 2\ndtype = \"float32\"\n"));
  EXPECT_GT(judge, 0);
  EXPECT_EQ(judge, with(critic_judges + "judge = true\n"));
}

TEST_F(OwnCritic, ThatCannotBeAskedIsRefusedBeforeAnyWork) {
  constexpr int kConfigCode = 2, kInputCode = 3;
  const std::string judged = asked_ + own("judge", "judge = true\n");
  const auto refuses = [&](int code, const std::vector<std::string>& parts, const Arguments& more = {}) {
    const Arguments out = sets({"output.dir=" + (folder_ / "run").string()});
    EXPECT_TRUE(refused(command("train", judged, joined(more, out)), code, parts));
    EXPECT_TRUE(refused(command("plan", judged, more), code, parts)) << "drf plan";
    EXPECT_FALSE(fs::exists(folder_ / "run" / "config.toml"));
  };
  refuses(kInputCode, {"nowhere: no such critic folder"}, sets({"rewards.1.path=nowhere"}));
  refuses(kInputCode, {"config.json: no such file"}, sets({"rewards.1.path=assets/tiny/generator"}));
  refuses(kConfigCode, {"rewards.1.fit is set"}, sets({"rewards.1.fit=pad"}));
  // A word of the questions that this critic alone takes for more than a word.
  const fs::path file = judge_ / "tokenizer.json";
  auto tokenizer = nlohmann::json::parse(read_file(file));
  auto token = tokenizer["added_tokens"].back();
  token["id"] = token["id"].get<int>() + 1;
  token["content"] = "object";
  tokenizer["added_tokens"].push_back(token);
  write_text(file, tokenizer.dump());
  const Arguments given = sets({"output.dir=" + (folder_ / "run").string(), "flow.recompute=none",
                                "flow.cfg_batch=off", "memory.park=off"});  // nothing to be told of
  EXPECT_TRUE(refused(command("train", judged, given), kInputCode,
                      {"asked of " + judge_.string(), "'object', a special token of the critic"}));
}

TEST_F(RewardsRun, TheRewardIsTheWeightedSumAndEachIsShown) {
  const std::string both = std::string(kTiny) + kQuestions + "weight = 0.5\n" + kPick + "weight = 2\n";
  for (const Arguments& draws : {Arguments{}, {"flow.policy=low_variance", "flow.draws=2"}}) {
    const fs::path run = trained(draws.empty() ? "both" : "draws", both, sets(draws));
    for (const auto& row : metrics(run)) {
      EXPECT_NEAR(row["reward"].get<double>(),
                  0.5 * row["reward/vlm"].get<double>() + 2 * row["reward/pick"].get<double>(), 1e-4);
    }
  }
  const Outcome gradient =
      command("gradient", both, {"--prompt", "1", "-o", (folder_ / "g.safetensors").string()});
  ASSERT_EQ(gradient.code, 0) << gradient.err;
  const SafetensorsFile file(folder_ / "g.safetensors");
  const double vlm = file.get("reward.vlm").item<double>(), pick = file.get("reward.pick").item<double>();
  EXPECT_NEAR(file.get("reward").item<double>(), 0.5 * vlm + 2 * pick, 1e-4);
  EXPECT_TRUE(file.contains("logprobs") && file.contains("d_frames"));
}

TEST_F(RewardsRun, ClipAloneNeedsNoCriticAndItsGradientIsRight) {
  const std::string clip = std::string(kTiny) + kPick;
  const Outcome checked =
      command("selfcheck", clip, {"--dtype", "float64", "--set", "generator.dtype=float64"});
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  const auto row = metrics(trained("clip", clip))[1];
  EXPECT_FALSE(row.contains("p_right"));
  EXPECT_GT(row["grad_norm"].get<double>(), 0);
}

TEST_F(RewardsRun, FieldsTrainWithoutPromptsTextOrDecoder) {
  const fs::path run = trained("fields", kFields);
  const auto row = metrics(run)[1];
  EXPECT_LT(row["reward"].get<double>(), 0);
  EXPECT_TRUE(row.contains("abs_r") && row.contains("held_out_abs_r"));
  EXPECT_FALSE(row.contains("decode_s"));
  const Outcome checked = command("selfcheck", kFields, {"--dtype", "float64"});
  EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
  const Outcome resumed = command(
      "train", kFields, {"--resume", "--set", "train.updates=3", "--set", "output.dir=" + run.string()});
  EXPECT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_EQ(command("eval", kFields, {"--lora", checkpoint(run, 3).string()}).code, 0);
  EXPECT_EQ(command("plan", kFields).code, 0);
  EXPECT_EQ(run_drf({"plan", (run / "config.toml").string()}).code, 0);
}

// A lesson after every second update.
const char* const kSurrogate = R"(
[[rewards]]
kind = "surrogate"
name = "fast"
start_clips = 20
start_steps = 5
start_accuracy = 0
learn_every = 2
learn_steps = 2
)";

TEST_F(RewardsRun, ASurrogateLearnsFromItsTeacherAndIsTrainedOn) {
  const std::string text = std::string(kTiny) + kQuestions + kSurrogate + "teacher = \"vlm\"\nweight = 2\n";
  const fs::path run = trained("run", text, sets({"eval.seeds=2"}));
  const auto first = metrics(run)[0], last = metrics(run)[1];
  EXPECT_EQ(first["reward"].get<double>(), 2 * first["reward/fast"].get<double>());
  EXPECT_GT(first["grad_norm"].get<double>(), 0);
  EXPECT_FALSE(first.contains("reward/vlm") || first.contains("p_right")) << "no lesson, no teacher";
  EXPECT_FALSE(first.contains("decode_s") || first.contains("pull_decode_s"));
  EXPECT_EQ(first["d_frames_norm"], 0.0) << "neither decoder nor critic in the gradient";
  EXPECT_TRUE(last.contains("reward/vlm") && last.contains("learn_s"));
  EXPECT_EQ(last["held_out_reward"].get<double>(), 2 * last["held_out_reward/vlm"].get<double>());
  EXPECT_TRUE(last.contains("held_out_reward/fast") && last.contains("held_out_rank_accuracy/fast"));
  EXPECT_TRUE(fs::exists(checkpoint(run, 2, "reward-1.safetensors")));
  EXPECT_TRUE(fs::exists(checkpoint(run, 0, "reward-1.safetensors"))) << "what came before the first update";

  const Outcome evaluated = command("eval", text, {"--lora", checkpoint(run, 2).string(), "--json"});
  EXPECT_EQ(evaluated.code, 0) << evaluated.err;
  EXPECT_TRUE(evaluated.out.find("vlm") != std::string::npos &&
              evaluated.out.find("fast") == std::string::npos)
      << "outside training it knows nothing: " << evaluated.out;
  EXPECT_EQ(command("plan", text).code, 0);
  EXPECT_EQ(run_drf({"plan", (run / "config.toml").string()}).code, 0);
  EXPECT_TRUE(
      refused(command("gradient", text, {"--prompt", "0", "-o", (folder_ / "g.safetensors").string()}), 2,
              {"fast is a surrogate", "leave it out"}));
  const Outcome hopeless =
      command("train", text, sets({"rewards.1.start_accuracy=1", "output.dir=" + (folder_ / "no").string()}));
  EXPECT_EQ(hopeless.code, 4);
  EXPECT_NE(hopeless.err.find("drf: fast: having learnt from 16 clips"), std::string::npos) << hopeless.err;
}

TEST_F(RewardsRun, ARunWithASurrogateIsResumedToTheSameBits) {
  std::string fields = kFields;
  fields += std::string(kSurrogate) + "teacher = \"residual\"\n";
  const fs::path through = trained("through", fields, sets({"train.updates=5", "train.eval_every=0"})),
                 broken = trained("broken", fields, sets({"train.updates=3", "train.eval_every=0"}));
  const Outcome resumed = command(
      "train", fields,
      joined({"--resume"}, sets({"train.updates=5", "train.eval_every=0", "output.dir=" + broken.string()})));
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  for (const char* file :
       {"adapters.safetensors", "optimizer.safetensors", "reward-1.safetensors", "state.json"})
    EXPECT_TRUE(read_file(checkpoint(through, 5, file)) == read_file(checkpoint(broken, 5, file))) << file;
  const auto want = metrics(through), got = metrics(broken);
  ASSERT_EQ(got.size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(want[i]["reward"], got[i]["reward"]);
    EXPECT_EQ(want[i]["pair_loss/fast"], got[i]["pair_loss/fast"]);
  }
}

TEST_F(RewardsRun, WhatTheGeneratorLacksIsSaidWithTheKey) {
  constexpr int kConfigCode = 2, kInputCode = 3;
  const std::string poisson = "\n[[rewards]]\nkind = \"residual\"\nequation = \"poisson\"\n";
  EXPECT_TRUE(refused(command("train", std::string(kTiny) + poisson), kConfigCode,
                      {"rewards.0.kind is \"residual\"", "makes no fields"}));
  std::string fields = kFields;
  fields.replace(fields.find("equation = \"poisson\""), 20, "equation = \"darcy\"");
  EXPECT_TRUE(refused(command("train", fields), kConfigCode, {"darcy", "poisson"}));
  EXPECT_TRUE(refused(command("train", kFields, {"--set", "sampling.guidance=2"}), kConfigCode,
                      {"sampling.guidance is 2", "set it to 1"}));
  EXPECT_TRUE(refused(command("train", kFields, {"--set", "reward.out_of_range=2"}), kConfigCode,
                      {"reward.out_of_range is 2", "sees pixels"}));
  EXPECT_TRUE(refused(command("train", std::string(kFields) + kPrompts), kConfigCode, {"reads no text"}));
  EXPECT_TRUE(refused(command("train", std::string(kFields) + kPrompts + kPick), kConfigCode,
                      {"rewards.1.kind is \"clip\"", "no decoder"}));
  EXPECT_TRUE(
      refused(command("train", std::string(kTiny) + "\n[[rewards]]\nkind = \"clip\"\npath = \"nowhere\"\n"),
              kInputCode, {"nowhere"}));
}

TEST_F(RewardsRun, AResumedRunKeepsItsList) {
  const fs::path run = trained("run", std::string(kTiny) + kQuestions + kPick);
  const auto again = [&](const std::string& text, const Arguments& assignments) {
    return command(
        "train", text,
        joined({"--resume"}, sets(joined({"output.dir=" + run.string(), "train.updates=3"}, assignments))));
  };
  EXPECT_TRUE(refused(again(std::string(kTiny) + kQuestions, {}), 2, {"rewards.1.path"}));
  EXPECT_TRUE(refused(again(std::string(kTiny) + kQuestions + kPick, {"rewards.1.weight=2"}), 2,
                      {"rewards.1.weight is now '", "'weight = 1.0'"}));
  EXPECT_EQ(again(std::string(kTiny) + kQuestions + kPick, {}).code, 0);
}

}  // namespace
}  // namespace drf::testing
