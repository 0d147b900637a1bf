// drf train from outside: what it writes, and that an interrupted, killed or repeated run ends in the same
// bits.

#include <ATen/ATen.h>
#include <signal.h>

#include <chrono>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "drf/base/files.h"
#include "drf/tensor/safetensors.h"
#include "tests/run/tiny_train.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

namespace fs = std::filesystem;

// A signal as soon as the metrics hold `lines` lines.
ProcessOptions signal_after(const fs::path& run, int lines, int number) {
  ProcessOptions options;
  options.signal_when = [=] {
    std::error_code ec;
    if (!fs::exists(run / "metrics.jsonl", ec)) return 0;
    const std::string text = read_file(run / "metrics.jsonl");
    return std::count(text.begin(), text.end(), '\n') >= lines ? number : 0;
  };
  return options;
}

// A run of twelve updates that nothing disturbed, made once.
const fs::path& undisturbed() {
  static const TemporaryFolder folder;
  static const fs::path run = [] {
    const Outcome outcome = train(folder / "run", {"train.updates=12"});
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_EQ(outcome.out, checkpoint(folder / "run", 12).string() + "\n");  // results only
    return folder / "run";
  }();
  return run;
}

TEST(Train, WritesWhatTheDocumentsSay) {
  const fs::path& run = undisturbed();
  expect_each_update_once(run, 12);
  const std::set<std::string> wanted = {
      "update",    "reward",        "reward_TA", "p_right",       "grad_norm",     "lr",
      "skipped",   "d_frames_norm", "d_x0_norm", "d_xK_norm",     "saturation",    "seconds",
      "rollout_s", "decode_s",      "critic_s",  "pull_critic_s", "pull_decode_s", "pull_steps_s"};
  for (const auto& row : metrics(run)) {
    for (const std::string& key : wanted) EXPECT_TRUE(row.contains(key)) << key;
    EXPECT_FALSE(row["skipped"].get<bool>());
    EXPECT_GT(row["grad_norm"].get<double>(), 0);
  }
  const std::string config = read_file(run / "config.toml"), first = config.substr(0, config.find('\n'));
  EXPECT_TRUE(first.rfind("# drf ", 0) == 0 && first.find(", on ") != std::string::npos &&
              first.ends_with(", threads: 1"))
      << first;
  bool events = false;
  for (const std::string& name : tree(run)) {
    events = events || name.rfind("events.out.tfevents.", 0) == 0;
    EXPECT_EQ(name.find(".part"), std::string::npos) << name;
  }
  EXPECT_TRUE(events);
  EXPECT_GT(SafetensorsFile(checkpoint(run, 12)).entries().size(), 0u);
}

TEST(Train, SaysHowTheGradientGrowsFromStepToStep) {
  const TemporaryFolder folder;
  ASSERT_EQ(train(folder / "run", {"train.updates=1", "sampling.steps=3", "flow.K=3"}).code, 0);
  const auto row = metrics(folder / "run")[0];
  for (const char* key : {"d_x0_norm", "d_x_norm/1", "d_x_norm/2", "d_xK_norm"})
    EXPECT_GT(row.value(key, 0.0), 0) << key;
  EXPECT_FALSE(row.contains("d_x_norm/3"));  // that is d_xK_norm
}

TEST(Train, TheSameSettingsGiveTheSameBits) {
  const TemporaryFolder folder;
  ASSERT_EQ(train(folder / "run", {"train.updates=12"}).code, 0);
  expect_same_run(undisturbed(), folder / "run", 12);
}

TEST(Train, AnInterruptedRunSavesAndGoesOnToTheSameBits) {
  for (const int number : {SIGINT, SIGTERM}) {
    const TemporaryFolder folder;
    const fs::path run = folder / "run";
    const Outcome stopped = train(run, {"train.updates=12"}, {}, signal_after(run, 1, number));
    ASSERT_EQ(stopped.code, 128 + number) << stopped.err;
    EXPECT_EQ(stopped.out, "");
    const auto saved = tree(run / "checkpoints");
    ASSERT_FALSE(saved.empty());
    EXPECT_LT(saved[0], "step-000012");
    const Outcome resumed = train(run, {"train.updates=12"}, {"--resume"});
    ASSERT_EQ(resumed.code, 0) << resumed.err;
    expect_each_update_once(run, 12);
    expect_same_run(undisturbed(), run, 12);
  }
}

// Networks that leave and come back, texts that lie in a file: the same bits, also where a run goes on
// without.
TEST(Train, ParkedNetworksAndSpilledTextsChangeNoBit) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  const Arguments parked = {"train.updates=12", "memory.park=on", "memory.text_states=1B"};
  const Outcome stopped = train(run, parked, {}, signal_after(run, 2, SIGINT));
  ASSERT_EQ(stopped.code, 128 + SIGINT) << stopped.err;
  EXPECT_NE(stopped.err.find("in a nameless file in"), std::string::npos) << stopped.err;
  ASSERT_EQ(train(run, {"train.updates=12"}, {"--resume"}).code, 0);
  expect_same_run(undisturbed(), run, 12);
  const auto rows = metrics(run);
  EXPECT_TRUE(rows.front().contains("park_s"));
  EXPECT_FALSE(rows.back().contains("park_s"));
}

TEST(Train, AKilledRunGoesOnFromItsLastCheckpoint) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  // The checkpoint of update 1 is whole when the line of update 2 stands; update 2 and later are lost.
  const Arguments settings = {"train.updates=12", "train.checkpoint_every=1"};
  ASSERT_EQ(train(run, settings, {}, signal_after(run, 2, SIGKILL)).code, 128 + SIGKILL);
  ASSERT_TRUE(fs::exists(checkpoint(run, 1)));
  const Outcome resumed = train(run, settings, {"--resume"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  expect_each_update_once(run, 12);
  expect_same_run(undisturbed(), run, 12);
  for (const std::string& name : tree(run)) EXPECT_EQ(name.find(".part"), std::string::npos) << name;
}

TEST(Train, AKilledRunWithoutACheckpointStartsOver) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  ASSERT_EQ(train(run, {"train.updates=12"}, {}, signal_after(run, 1, SIGKILL)).code, 128 + SIGKILL);
  EXPECT_TRUE(
      refused(train(run, {"train.updates=12"}), 2, {"holds a run already; continue it with --resume"}));
  ASSERT_EQ(train(run, {"train.updates=12"}, {"--resume"}).code, 0);
  expect_same_run(undisturbed(), run, 12);
}

TEST(Train, ARunKilledBetweenUpdatesOfOneRolloutGoesOnToTheSameBits) {
  const TemporaryFolder folder;
  const Arguments settings = {"train.updates=5",    "flow.reuse=3",       "train.checkpoint_every=1",
                              "flow.policy=random", "train.accumulate=2", "train.batch=1"};
  ASSERT_EQ(train(folder / "whole", settings).code, 0);
  const fs::path run = folder / "run";
  ASSERT_EQ(train(run, settings, {}, signal_after(run, 2, SIGKILL)).code, 128 + SIGKILL);
  // As if killed during update 2, of rollout 1: its clips are in the checkpoint.
  for (int step = 2; step <= 5; ++step) fs::remove_all(checkpoint(run, step, ""));
  ASSERT_TRUE(fs::exists(checkpoint(run, 1, "rollout.safetensors")));
  const Outcome resumed = train(run, settings, {"--resume"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  expect_same_run(folder / "whole", run, 5);
  // The last update of a rollout leaves nothing to keep.
  EXPECT_FALSE(fs::exists(checkpoint(run, 3, "rollout.safetensors")));
  EXPECT_TRUE(fs::exists(checkpoint(run, 4, "rollout.safetensors")));
  // And reuse is not a fresh rollout: the first update is the same, the second is not.
  Arguments fresh = settings;
  fresh[0] = "train.updates=2";
  fresh[1] = "flow.reuse=1";
  ASSERT_EQ(train(folder / "fresh", fresh).code, 0);
  EXPECT_EQ(metrics(folder / "fresh")[0]["reward"], metrics(run)[0]["reward"]);
  EXPECT_NE(metrics(folder / "fresh")[1]["reward"], metrics(run)[1]["reward"]);
  // A checkpoint in the middle of a rollout is nothing without the rollout's clips, also one of a version
  // that wrote no digests: the one before is taken, and without any the run is refused.
  fs::remove_all(checkpoint(run, 5, ""));
  fs::remove(checkpoint(run, 4, "rollout.safetensors"));
  write_text(checkpoint(run, 4, "state.json"), "{\"update\":4,\"skipped_in_a_row\":0}");
  const Outcome lacking = train(run, settings, {"--resume"});
  EXPECT_EQ(lacking.code, 0);
  EXPECT_NE(lacking.err.find("rollout.safetensors is missing or damaged"), std::string::npos) << lacking.err;
  expect_same_run(folder / "whole", run, 5);
  for (const int step : {2, 3, 4, 5}) fs::remove_all(checkpoint(run, step, ""));
  fs::remove(checkpoint(run, 1, "rollout.safetensors"));
  EXPECT_TRUE(refused(train(run, settings, {"--resume"}), 3, {"step-000001/rollout.safetensors: "}));
}

// Between two passes over one rollout its states and what was judged of it are in the checkpoint.
TEST(Train, PolicyGradientsKilledBetweenTwoPassesGoOnToTheSameBits) {
  const TemporaryFolder folder;
  const Arguments settings = {"flow.rule=policy_gradient",
                              "policy_gradient.group=4",
                              "flow.K=2",
                              "sampling.steps=3",
                              "flow.reuse=2",
                              "policy_gradient.clip=1e-6",
                              "train.accumulate=2",
                              "train.updates=4",
                              "train.lr=1e-2",
                              "train.warmup=0",
                              "train.checkpoint_every=1"};
  ASSERT_EQ(train(folder / "whole", settings).code, 0);
  const auto rows = metrics(folder / "whole");
  for (const char* key : {"reward", "ratio", "group_spread", "rollout_s", "critic_s", "pull_steps_s"})
    EXPECT_TRUE(rows[0].contains(key)) << key;
  EXPECT_NEAR(rows[0]["ratio"].get<double>(), 1, 1e-5);
  EXPECT_FALSE(rows[0].contains("clipped"));
  EXPECT_NE(rows[1]["ratio"], rows[0]["ratio"]);
  EXPECT_GT(rows[1]["clipped"].get<double>(), 0);
  EXPECT_GT(rows[1]["kl"].get<double>(), 0);
  EXPECT_EQ(rows[1]["reward"], rows[0]["reward"]);  // of the same clips
  EXPECT_NE(rows[2]["reward"], rows[0]["reward"]);
  EXPECT_FALSE(rows[1].contains("rollout_s"));

  const fs::path run = folder / "run";
  ASSERT_EQ(train(run, settings, {}, signal_after(run, 2, SIGKILL)).code, 128 + SIGKILL);
  for (int step = 2; step <= 4; ++step) fs::remove_all(checkpoint(run, step, ""));
  ASSERT_TRUE(fs::exists(checkpoint(run, 1, "rollout.safetensors")));
  const Outcome resumed = train(run, settings, {"--resume"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  expect_same_run(folder / "whole", run, 4);
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto again = metrics(run)[i];
    for (const auto& [key, value] : rows[i].items()) {
      if (!key.ends_with("_s") && key != "seconds" && key != "peak_gib") {
        EXPECT_EQ(again[key], value) << key;
      }
    }
  }
  EXPECT_FALSE(fs::exists(checkpoint(run, 2, "rollout.safetensors")));
  // And an interrupt in the middle of an update begins it again.
  const fs::path stopped = folder / "stopped";
  ASSERT_EQ(train(stopped, settings, {}, signal_after(stopped, 2, SIGINT)).code, 128 + SIGINT);
  ASSERT_EQ(train(stopped, settings, {"--resume"}).code, 0);
  expect_same_run(folder / "whole", stopped, 4);
}

TEST(Train, WhatLooksAtTheRewardsGradientRefusesPolicyGradients) {
  const TemporaryFolder folder;
  const Arguments settings = {"flow.rule=policy_gradient", "policy_gradient.group=2", "flow.K=2",
                              "output.dir=" + (folder / "run").string()};
  for (const auto& [command, more] :
       {std::pair{"gradient", Arguments{"-o", (folder / "g.safetensors").string()}},
        std::pair{"selfcheck", Arguments{}}}) {
    EXPECT_TRUE(
        refused(run_drf(joined(tiny_config(command, settings), more)), 2,
                {"flow.rule is \"policy_gradient\"", std::string("drf ") + command + " has nothing to say"}));
  }
  EXPECT_FALSE(fs::exists(folder / "g.safetensors"));
}

// Rule matching limits gradients by what it remembers of earlier ones, once there are 16: here after 4
// updates.
TEST(Train, RuleMatchingRemembersGradientsAndGoesOnToTheSameBits) {
  const TemporaryFolder folder;
  Arguments settings = {"flow.rule=matching", "flow.K=2",           "train.updates=6",    "sampling.steps=3",
                        "matching.steps=2",   "train.accumulate=2", "matching.quantile=1"};
  ASSERT_EQ(train(folder / "unlimited", settings).code, 0);
  settings.back() = "matching.quantile=0.1";
  ASSERT_EQ(train(folder / "whole", settings).code, 0);
  const auto limited = metrics(folder / "whole"), free = metrics(folder / "unlimited");
  EXPECT_TRUE(limited[0].contains("matching_loss"));
  EXPECT_EQ(limited[3]["grad_norm"], free[3]["grad_norm"]);
  EXPECT_NE(limited[4]["grad_norm"], free[4]["grad_norm"]);

  // A signal late in update 5, when it has remembered some of its own already: they are forgotten with it.
  const fs::path run = folder / "run";
  ProcessOptions late = signal_after(run, 4, SIGINT);
  const auto written = std::make_shared<std::optional<std::chrono::steady_clock::time_point>>();
  late.signal_when = [=, fourth_line = late.signal_when] {
    const auto now = std::chrono::steady_clock::now();
    if (!*written && fourth_line() != 0) *written = now;
    if (!*written) return 0;
    const std::chrono::duration<double> update(metrics(run).back()["seconds"].get<double>());
    return now - **written > 0.7 * update ? SIGINT : 0;
  };
  const Outcome stopped = train(run, settings, {}, late);
  ASSERT_EQ(stopped.code, 128 + SIGINT) << stopped.err;
  const Outcome resumed = train(run, settings, {"--resume"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  expect_same_run(folder / "whole", run, 6);
}

TEST(Train, ResumeWantsTheRunAsItWas) {
  const TemporaryFolder folder;
  EXPECT_TRUE(refused(train(folder / "absent", {}, {"--resume"}), 2, {"there is no run to resume"}));
  EXPECT_FALSE(fs::exists(folder / "absent"));
  fs::copy(undisturbed(), folder / "run", fs::copy_options::recursive);
  const auto before = tree(folder / "run");
  const std::string run_config = read_file(folder / "run/config.toml");
  EXPECT_TRUE(refused(train(folder / "run", {"train.updates=12", "train.lr=0.5"}, {"--resume"}), 2,
                      {"train.lr is now 'lr = 0.5'", "restore it"}));
  EXPECT_TRUE(refused(train(folder / "run", {"train.updates=12", "seed=5"}, {"--resume"}), 2, {"seed"}));
  EXPECT_EQ(tree(folder / "run"), before);
  EXPECT_EQ(read_file(folder / "run/config.toml"), run_config);
  // More updates are no change of what was learnt; and a damaged checkpoint is named.
  EXPECT_EQ(train(folder / "run", {"train.updates=13"}, {"--resume"}).code, 0);
  expect_each_update_once(folder / "run", 13);
  // Whatever is left is damaged: the newest is named.
  for (const int step : {12, 13}) write_text(checkpoint(folder / "run", step), "short");
  EXPECT_TRUE(refused(train(folder / "run", {"train.updates=14"}, {"--resume"}), 3,
                      {"step-000013/adapters.safetensors", "its bytes are not those that were saved"}));
}

TEST(Train, StepsTooSmallToTeachAnythingAreWarnedOf) {
  const TemporaryFolder folder;
  const Outcome usual = train(folder / "usual", {"train.updates=1"}),
                small = train(folder / "small", {"train.updates=1", "sampling.schedule=diffusers"});
  ASSERT_EQ(usual.code + small.code, 0) << small.err;
  EXPECT_EQ(usual.err.find("moves sigma"), std::string::npos) << usual.err;
  EXPECT_NE(small.err.find("the last of 2 steps moves sigma by 0.0089"), std::string::npos) << small.err;
  EXPECT_NE(small.err.find("the steps that train move sigma by 0.0089"), std::string::npos) << small.err;
}

TEST(Train, AccumulatedBatchesEqualOneLargeBatch) {
  const TemporaryFolder folder;
  const char* penalty = "reward.out_of_range=100";
  ASSERT_EQ(train(folder / "run", {"train.updates=1", "train.batch=1", "train.accumulate=2", penalty}).code,
            0);
  ASSERT_EQ(train(folder / "one", {"train.updates=1", penalty}).code, 0);
  const auto parts = metrics(folder / "run")[0], whole = metrics(folder / "one")[0];
  // float32: sums of another order.
  for (const char* key : {"reward", "p_right", "grad_norm", "reward_TA", "out_of_range"}) {
    const double want = whole[key].get<double>();
    EXPECT_NEAR(parts[key].get<double>(), want, 1e-4 * std::abs(want)) << key;
  }
  EXPECT_GT(whole["out_of_range"].get<double>(), 0);
  // One pixel of 7,680 values may fall to the other side of the edge.
  EXPECT_NEAR(parts["saturation"].get<double>(), whole["saturation"].get<double>(), 2e-4);
  // Adam's first step is lr * g / (|g| + eps): numbers so small that rounding decides their sign are left out
  // by comparing the first moments, (1 - beta1) g, instead of the adapters.
  const SafetensorsFile a(checkpoint(folder / "run", 1, "optimizer.safetensors")),
      b(checkpoint(folder / "one", 1, "optimizer.safetensors"));
  int64_t compared = 0;
  for (const auto& [name, entry] : b.entries()) {
    if (!at::isFloatingType(entry.dtype) || entry.shape.size() != 2) continue;
    EXPECT_TRUE(close(a.get(name), b.get(name), 1e-5)) << name;
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

TEST(Train, NonFiniteModelsStopTheRunAndSpareWhatIsThere) {
  const struct {
    const char *key, *weights, *tensor;
  } cases[] = {{"generator", "transformer/diffusion_pytorch_model.safetensors", "blocks.0.attn1.to_q.weight"},
               {"critic", "model.safetensors", "lm_head.weight"}};
  for (const auto& c : cases) {
    const TemporaryFolder folder;
    const fs::path run = folder / "run";
    fs::copy(source_path(std::string("assets/tiny/") + c.key), folder / "model", fs::copy_options::recursive);
    // The model turns bad after the run has a checkpoint.
    const Arguments settings = {std::string(c.key) + ".path=" + (folder / "model").string(),
                                "train.max_skipped=1"};
    ASSERT_EQ(train(run, joined(settings, {"train.updates=1"})).code, 0);
    spoil(folder / "model", c.weights, c.tensor);
    const std::string adapters = read_file(checkpoint(run, 1));
    const Outcome outcome = train(run, joined(settings, {"train.updates=9"}), {"--resume"});
    EXPECT_TRUE(refused(outcome, 4, {"2 updates in a row gave non-finite", "checkpoint is untouched"}))
        << c.key;
    EXPECT_EQ(read_file(checkpoint(run, 1)), adapters);
    EXPECT_FALSE(fs::exists(checkpoint(run, 2)));
    const auto rows = metrics(run);
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_FALSE(rows[0]["skipped"].get<bool>());
    EXPECT_TRUE(rows[1]["skipped"].get<bool>());
    EXPECT_TRUE(rows[2]["skipped"].get<bool>());
  }
}

TEST(Train, ARunWhoseEveryUpdateWasSkippedIsNoSuccess) {
  const TemporaryFolder folder;
  fs::copy(source_path("assets/tiny/critic"), folder / "model", fs::copy_options::recursive);
  spoil(folder / "model", "model.safetensors", "lm_head.weight");
  const Outcome outcome =
      train(folder / "run", {"critic.path=" + (folder / "model").string(), "train.updates=2"});
  EXPECT_TRUE(refused(outcome, 4, {"every update gave non-finite"}));
  EXPECT_FALSE(fs::exists(folder / "run/checkpoints"));
}

TEST(Train, AFullDiskSparesTheLastCheckpoint) {
  const TemporaryFolder folder;
  fs::copy(undisturbed(), folder / "run", fs::copy_options::recursive);
  const auto before = tree(folder / "run/checkpoints");
  ProcessOptions full;
  full.largest_file = 20000;  // enough for the metrics, not for the adapters
  EXPECT_TRUE(refused(train(folder / "run", {"train.updates=13"}, {"--resume"}, full), 5,
                      {"adapters.safetensors", "cannot be written"}));
  EXPECT_EQ(tree(folder / "run/checkpoints"), before);
  EXPECT_EQ(train(folder / "run", {"train.updates=13"}, {"--resume"}).code, 0);
}

TEST(Train, WhatARunWroteIsInputToOthers) {
  const TemporaryFolder folder;
  const fs::path& run = undisturbed();
  // The resolved configuration as a recipe: the same bits again.
  const Outcome again = run_drf(
      joined({"train", (run / "config.toml").string()}, sets({"output.dir=" + (folder / "again").string()})));
  ASSERT_EQ(again.code, 0) << again.err;
  expect_same_run(run, folder / "again", 12);
  // The questions that were asked, as a question file: the same rewards.
  ASSERT_EQ(train(folder / "asked", {"train.updates=1", "questions.templates=", "questions.dense=true",
                                     "questions.file=" + (run / "questions.jsonl").string()})
                .code,
            0);
  EXPECT_EQ(metrics(folder / "asked")[0]["reward"], metrics(run)[0]["reward"]);
  // And the adapters: evaluated, sampled with, started from.
  const std::string adapters = checkpoint(run, 12).string();
  const Outcome evaluated =
      run_drf(joined(tiny_config("eval", {"eval.prompts=2"}), {"--lora", adapters, "--json"}));
  ASSERT_EQ(evaluated.code, 0) << evaluated.err;
  const auto result = nlohmann::json::parse(evaluated.out);
  EXPECT_NE(result["base"]["reward"], result["after"]["reward"]);
  EXPECT_EQ(run_drf(tiny_sample(generator(), {"--lora", adapters, "-o", (folder / "a.png").string()})).code,
            0);
  EXPECT_EQ(train(folder / "from", {"train.updates=1", "lora.init_from=" + adapters}).code, 0);
}

TEST(Train, SettingsThatTheAdaptersContradictAreRefused) {
  const TemporaryFolder folder;
  const std::string from = "lora.init_from=" + checkpoint(undisturbed(), 12).string();
  const auto refuse = [&](const std::string& set, const std::vector<std::string>& parts) {
    EXPECT_TRUE(refused(train(folder / "run", {from, set}), 2, parts));
    EXPECT_EQ(tree(folder / "run"), std::vector<std::string>{});
  };
  refuse("lora.rank=4", {"lora.rank is 4, but the adapters of", "have 8"});
  refuse("lora.alpha=2.5", {"lora.alpha is 2.5", "have 8"});
  refuse("lora.targets=[\"to_q\"]", {"lora.targets is [to_q]", "layers"});
  // Defaults are not settings: a recipe without [lora] takes what the file has, and says so.
  const std::string recipe = read_file(source_path("configs/tiny.toml"));
  const size_t begin = recipe.find("[lora]"), end = recipe.find("\n[", begin);
  write_text(folder / "recipe.toml", recipe.substr(0, begin) + recipe.substr(end));
  Arguments arguments =
      tiny_config("train", {"train.updates=1", from, "output.dir=" + (folder / "run").string()});
  arguments[1] = (folder / "recipe.toml").string();
  const Outcome outcome = run_drf(arguments);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string resolved = read_file(folder / "run/config.toml");
  EXPECT_NE(resolved.find("\nrank = 8 "), std::string::npos);
  EXPECT_NE(resolved.find("\nalpha = 8.0 "), std::string::npos);
}

TEST(Train, EvaluationAndSamplingStopAtASignal) {
  const TemporaryFolder folder;
  const std::string adapters = checkpoint(undisturbed(), 12).string();
  const auto at_once = [&](const Arguments& arguments) {
    ProcessOptions options;
    const auto start = std::chrono::steady_clock::now();
    // Late enough for the program to listen, far earlier than it would end by itself.
    options.signal_when = [=] {
      return std::chrono::steady_clock::now() - start > std::chrono::milliseconds(1500) ? SIGINT : 0;
    };
    const Outcome outcome = run_drf(arguments, options);
    EXPECT_EQ(outcome.code, 130) << outcome.err;
    EXPECT_EQ(outcome.out, "");
  };
  at_once(joined(tiny_config("eval", {}), {"--lora", adapters, "--draws", "10000"}));
  at_once({"sample", "--model", generator(), "--prompt", "a red ball", "--frames", "5", "--size", "16x16",
           "--steps", "10000", "--guidance", "1", "--text-length", "24", "-o", (folder / "a.png").string()});
  EXPECT_EQ(tree(folder.path()), std::vector<std::string>{});
}

// bfloat16 keeps 8 bits, float32 24: an update and an evaluation in them are those of float64 to a few times
// that.
TEST(Train, AnUpdateAndItsEvaluationAgreeInEveryFloatingType) {
  const auto row = [](const char* dtype) {
    const TemporaryFolder folder;
    const Outcome outcome = train(folder / "run", {"train.updates=1", "train.eval_every=1", "eval.prompts=2"},
                                  {"--dtype", dtype, "--threads", "1"});
    EXPECT_EQ(outcome.code, 0) << dtype << ": " << outcome.err;
    return metrics(folder / "run").at(0);
  };
  const nlohmann::json want = row("float64");
  for (const auto& [dtype, bound] : {std::pair{"float32", 1e-4}, {"bfloat16", 0.15}}) {
    const nlohmann::json got = row(dtype);
    for (const char* key : {"reward", "p_right", "held_out_reward", "held_out_p_right", "d_frames_norm"}) {
      ASSERT_TRUE(want.contains(key) && got.contains(key)) << key;
      const double exact = want[key].get<double>();
      EXPECT_NE(exact, 0) << key;
      EXPECT_NEAR(got[key].get<double>(), exact, bound * std::abs(exact)) << dtype << " " << key;
    }
  }
}

}  // namespace
}  // namespace drf::testing
