// Runs that survive, from outside: one process a folder, what a run reads stays what it was, damaged and
// missing checkpoints, full disks, validations that fail.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <memory>
#include <optional>

#include "drf/base/file_lock.h"
#include "tests/run/tiny_train.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

const char* const kPrompts =
    "a red ball moves left on a black background\na blue ball moves up on a black background\n";

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Survival, ASecondProcessIsKeptOutAndReadersAreNot) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  ASSERT_EQ(train(run, {"train.updates=1"}).code, 0);
  EXPECT_FALSE(fs::exists(run / ".lock"));
  const auto before = tree(run);
  {
    const FileLock alive(run / ".lock", "the run");
    const std::string who = "in use by process " + std::to_string(::getpid());
    EXPECT_TRUE(refused(train(run, {"train.updates=2"}, {"--resume"}), 2, {who}));
    EXPECT_TRUE(refused(train(run, {"train.updates=2"}), 2, {who}));
    EXPECT_EQ(run_drf({"report", run.string()}).code, 0);
    EXPECT_EQ(run_drf({"inspect", checkpoint(run, 1).string()}).code, 0);
  }
  EXPECT_TRUE(fs::exists(run / "report.html"));
  EXPECT_EQ(tree(run), before);
  // A lock file that nobody holds is of a process that was killed.
  write_text(run / ".lock", "1\n");
  EXPECT_EQ(train(run, {"train.updates=2"}, {"--resume"}).code, 0);
}

TEST(Survival, AResumedRunReadsWhatItBeganWith) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run", prompts = folder / "p.txt", held_out = folder / "h.txt";
  write_text(prompts, kPrompts);
  write_text(held_out, "a green ball moves up on a gray background\n");
  const auto resume = [&](const std::string& updates, const Arguments& more) {
    return train(run, {"prompts.train=" + prompts.string(), "prompts.held_out=" + held_out.string(), updates},
                 more);
  };
  ASSERT_EQ(resume("train.updates=1", {}).code, 0);
  const auto before = tree(run);
  const std::string record = read_file(run / "inputs.json");
  write_text(prompts,
             "a red ball moves left on a black background\na blue square moves up on a black background\n");
  EXPECT_TRUE(refused(resume("train.updates=2", {"--resume"}), 2,
                      {prompts.string() + " (prompts.train): line 2 was 'a blue ball moves up",
                       "is now 'a blue square", "--accept-changes"}));
  EXPECT_EQ(tree(run), before);
  EXPECT_EQ(read_file(run / "inputs.json"), record);
  EXPECT_TRUE(
      refused(resume("train.updates=2", {"--accept-changes"}), 2, {"--accept-changes requires --resume"}));
  const Outcome accepted = resume("train.updates=2", {"--resume", "--accept-changes"});
  ASSERT_EQ(accepted.code, 0) << accepted.err;
  EXPECT_TRUE(mentions(accepted.err, "accepted: " + prompts.string())) << accepted.err;
  EXPECT_TRUE(mentions(read_file(run / "questions.jsonl"), "square"));
  // The new state is the recorded one.
  EXPECT_EQ(resume("train.updates=3", {"--resume"}).code, 0);
  write_text(held_out, "another\n");
  EXPECT_TRUE(refused(resume("train.updates=4", {"--resume"}), 2, {"h.txt (prompts.held_out): line 1"}));
  // Where held-out prompts lie may change, as ever.
  fs::copy(held_out, folder / "other.txt");
  const Outcome other = train(run,
                              {"prompts.train=" + prompts.string(),
                               "prompts.held_out=" + (folder / "other.txt").string(), "train.updates=4"},
                              {"--resume"});
  ASSERT_EQ(other.code, 0) << other.err;
  EXPECT_TRUE(mentions(other.err, "prompts.held_out names another file")) << other.err;
}

TEST(Survival, AResumedRunHasTheModelsItBeganWith) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run", model = folder / "critic", weights = model / "model.safetensors";
  fs::copy(source_path("assets/tiny/critic"), model, fs::copy_options::recursive);
  ASSERT_EQ(train(run, {"critic.path=" + model.string(), "train.updates=1"}).code, 0);
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  {
    const SafetensorsFile file(weights);
    for (const auto& [name, entry] : file.entries())
      tensors.emplace_back(name, file.get(name).to(at::kBFloat16));
  }
  write_safetensors(weights, tensors);
  const Arguments more = {"critic.path=" + model.string(), "train.updates=2"};
  EXPECT_TRUE(refused(train(run, more, {"--resume"}), 2,
                      {weights.string() + " (critic.path): was '", "F32", "BF16"}));
  EXPECT_EQ(train(run, more, {"--resume", "--accept-changes"}).code, 0);
}

TEST(Survival, ARunOfAnOlderVersionGoesOnAndIsTakenAsItIs) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run", prompts = folder / "p.txt";
  write_text(prompts, kPrompts);
  const std::string train_on = "prompts.train=" + prompts.string();
  ASSERT_EQ(train(run, {train_on, "train.updates=1"}).code, 0);
  fs::remove(run / "inputs.json");
  write_text(checkpoint(run, 1, "state.json"), "{\"update\":1,\"skipped_in_a_row\":0,\"guide_norms\":[]}");
  // It did not know sampling.schedule either, and rolled out over diffusers' levels.
  std::string config = read_file(run / "config.toml");
  const size_t line = config.find("\nschedule = ");
  ASSERT_NE(line, std::string::npos);
  config.erase(line, config.find('\n', line + 1) - line);
  write_text(run / "config.toml", config);
  const Outcome other = train(run, {train_on, "sampling.schedule=flow", "train.updates=2"}, {"--resume"});
  EXPECT_EQ(other.code, 2);
  EXPECT_TRUE(mentions(other.err, "sampling.schedule is now 'schedule = \"flow\"'")) << other.err;
  const Outcome resumed = train(run, {train_on, "train.updates=2"}, {"--resume"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_TRUE(mentions(resumed.err, "did not record what it reads")) << resumed.err;
  EXPECT_TRUE(mentions(resumed.err, "sampling.schedule = \"diffusers\", as the run began")) << resumed.err;
  EXPECT_TRUE(mentions(read_file(run / "config.toml"), "\nschedule = \"diffusers\""));
  write_text(prompts, "another\n");
  EXPECT_TRUE(refused(train(run, {train_on, "sampling.schedule=diffusers", "train.updates=3"}, {"--resume"}),
                      2, {"line 1 was 'a red ball"}));
}

TEST(Survival, ADamagedNewestCheckpointFallsBackToTheSameBits) {
  const TemporaryFolder folder;
  const Arguments settings = {"train.updates=4", "train.checkpoint_every=1"};
  ASSERT_EQ(train(folder / "whole", settings).code, 0);
  const fs::path run = folder / "run";
  ASSERT_EQ(train(run, {"train.updates=3", "train.checkpoint_every=1"}).code, 0);
  write_text(checkpoint(run, 3), "short");
  const Outcome resumed = train(run, settings, {"--resume"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  EXPECT_TRUE(mentions(resumed.err, "step-000003 is damaged, and now called damaged-step-000003"))
      << resumed.err;
  EXPECT_TRUE(mentions(resumed.err, "going on from step-000002")) << resumed.err;
  expect_each_update_once(run, 4);
  expect_same_run(folder / "whole", run, 4);
  EXPECT_EQ(read_file(checkpoint(run, 3)), read_file(checkpoint(folder / "whole", 3)));
}

TEST(Survival, CheckpointsByTheClockAndOnlyTheNewestKept) {
  const TemporaryFolder folder;
  // Any time at all is more than this; and 0 is never.
  ASSERT_EQ(train(folder / "often",
                  {"train.updates=3", "train.checkpoint_every=0", "train.checkpoint_minutes=1e-12"})
                .code,
            0);
  ASSERT_EQ(
      train(folder / "never", {"train.updates=3", "train.checkpoint_every=0", "train.checkpoint_minutes=0"})
          .code,
      0);
  ASSERT_EQ(train(folder / "kept", {"train.updates=3", "train.checkpoint_every=1", "output.keep=2"}).code, 0);
  const auto steps = [&](const char* run) {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder / run / "checkpoints"))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  };
  EXPECT_EQ(steps("often"), (std::vector<std::string>{"step-000001", "step-000002", "step-000003"}));
  EXPECT_EQ(steps("never"), (std::vector<std::string>{"step-000003"}));
  EXPECT_EQ(steps("kept"), (std::vector<std::string>{"step-000002", "step-000003"}));
}

TEST(Survival, TheBestByHeldOutRewardIsKept) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  // A rate that undoes and redoes: rewards go up and down.
  const Outcome outcome = train(run, {"train.updates=4", "train.eval_every=1", "eval.prompts=2",
                                      "train.lr=0.02", "train.warmup=0", "output.keep=1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto rows = metrics(run);
  int best = 0;
  for (int i = 1; i < 4; ++i) {
    if (rows[static_cast<size_t>(i)]["held_out_reward"].get<double>() >
        rows[static_cast<size_t>(best)]["held_out_reward"].get<double>())
      best = i;
  }
  const auto state = nlohmann::json::parse(read_file(run / "checkpoints/best/state.json"));
  EXPECT_EQ(state["update"], best + 1);
  EXPECT_EQ(state["held_out_reward"], rows[static_cast<size_t>(best)]["held_out_reward"]);
  EXPECT_TRUE(fs::exists(checkpoint(run, 4)));
  EXPECT_FALSE(fs::exists(checkpoint(run, 3)));
  // What was best stays the best of a run that goes on, until it is beaten.
  const std::string adapters = read_file(run / "checkpoints/best/adapters.safetensors");
  ASSERT_EQ(train(run,
                  {"train.updates=4", "train.eval_every=1", "eval.prompts=2", "train.lr=0.02",
                   "train.warmup=0", "output.keep=1"},
                  {"--resume"})
                .code,
            0);
  EXPECT_EQ(read_file(run / "checkpoints/best/adapters.safetensors"), adapters);
}

// The update is whole and saved; its validation is done when the run goes on, and the best is the same.
TEST(Survival, AnInterruptedValidationIsMadeUpFor) {
  const TemporaryFolder folder;
  const Arguments settings = {"train.updates=2", "train.eval_every=1", "eval.prompts=4", "eval.seeds=6",
                              "train.batch=1"};
  ASSERT_EQ(train(folder / "whole", settings).code, 0);
  const fs::path run = folder / "run";
  // Twice the time of an update after the first line: in the validation of the second, which takes that of
  // several.
  ProcessOptions late;
  const auto written = std::make_shared<std::optional<std::chrono::steady_clock::time_point>>();
  late.signal_when = [=] {
    std::error_code ec;
    const auto now = std::chrono::steady_clock::now();
    if (!*written && fs::exists(run / "metrics.jsonl", ec) && !metrics(run).empty()) *written = now;
    if (!*written) return 0;
    const std::chrono::duration<double> update(metrics(run)[0]["seconds"].get<double>());
    return now - **written > 2 * update ? SIGINT : 0;
  };
  // A machine with other work may be that late: then the run begins again.
  const auto in_validation = [&] {
    fs::remove_all(run);
    *written = std::nullopt;
    const Outcome stopped = train(run, settings, {}, late);
    return stopped.code == 128 + SIGINT && fs::exists(checkpoint(run, 2, "state.json")) &&
           mentions(read_file(checkpoint(run, 2, "state.json")), "\"unvalidated\"");
  };
  ASSERT_TRUE(in_validation() || in_validation() || in_validation());
  const Outcome resumed = train(run, settings, {"--resume"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  expect_each_update_once(run, 2);
  expect_same_run(folder / "whole", run, 2);
  for (size_t i = 0; i < 2; ++i)
    EXPECT_EQ(metrics(run)[i]["held_out_reward"], metrics(folder / "whole")[i]["held_out_reward"]);
  for (const char* file : {"state.json", "adapters.safetensors"})
    EXPECT_EQ(read_file(run / "checkpoints/best" / file),
              read_file(folder / "whole/checkpoints/best" / file));
}

TEST(Survival, AMetricsLineThatCannotBeWrittenIsAWarning) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  ASSERT_EQ(train(run, {"train.updates=1"}).code, 0);
  // Longer than any other file of the run, and at the limit already.
  std::string text = read_file(run / "metrics.jsonl");
  const std::string line = text;
  while (text.size() < 2'000'000) text += line;
  write_text(run / "metrics.jsonl", text);
  ProcessOptions full;
  full.largest_file = text.size() + 10;
  const Outcome outcome = train(run, {"train.updates=3"}, {"--resume"}, full);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(mentions(outcome.err, "metrics.jsonl: cannot be written: ")) << outcome.err;
  EXPECT_TRUE(mentions(outcome.err, "training goes on")) << outcome.err;
  EXPECT_EQ(outcome.err.find("cannot be written"), outcome.err.rfind("cannot be written")) << outcome.err;
  EXPECT_TRUE(fs::exists(checkpoint(run, 3)));
  EXPECT_EQ(read_file(run / "metrics.jsonl"), text);  // no half of a line
}

TEST(Survival, AFullDiskNamesTheNewestWholeCheckpoint) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  ProcessOptions full;
  full.largest_file = 200'000;  // enough for all but adapters
  EXPECT_TRUE(refused(train(run, {"train.updates=1"}, {}, full), 5,
                      {"cannot be written", "there is no whole checkpoint yet"}));
  ASSERT_EQ(train(run, {"train.updates=1"}, {"--resume"}).code, 0);
  EXPECT_TRUE(refused(
      train(run, {"train.updates=2"}, {"--resume"}, full), 5,
      {"cannot be written", "the newest whole checkpoint is " + (run / "checkpoints/step-000001").string()}));
}

TEST(Survival, ValuesOfAValidationThatAreNotFiniteAreAWarning) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  fs::copy(source_path("assets/tiny/critic"), folder / "critic", fs::copy_options::recursive);
  spoil(folder / "critic", "model.safetensors", "lm_head.weight");
  // Every reward is NaN, those of validation as well; the run ends for the updates' sake alone.
  const Outcome outcome = train(run, {"critic.path=" + (folder / "critic").string(), "train.updates=3",
                                      "train.eval_every=1", "eval.prompts=1", "train.max_skipped=2"});
  EXPECT_EQ(outcome.code, 4);
  EXPECT_TRUE(mentions(outcome.err, "the held-out reward is not finite; training goes on")) << outcome.err;
  EXPECT_EQ(metrics(run).size(), 3u);
  EXPECT_TRUE(metrics(run)[0]["held_out_reward"].is_null());
  EXPECT_FALSE(fs::exists(run / "checkpoints/best"));
}

TEST(Survival, OneOfSeveralProcessesIsRefused) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  using Environment = std::vector<std::pair<std::string, std::string>>;
  const auto under = [&](const Environment& environment) {
    ProcessOptions options;
    options.environment = environment;
    return train(run, {"train.updates=1"}, {}, options);
  };
  EXPECT_TRUE(refused(under({{"RANK", "1"}, {"WORLD_SIZE", "2"}}), 2,
                      {"WORLD_SIZE is 2", "torchrun", "one process"}));
  EXPECT_TRUE(refused(under({{"RANK", "0"}, {"WORLD_SIZE", "2"}}), 2, {"WORLD_SIZE is 2"}));
  EXPECT_TRUE(refused(under({{"RANK", "1"}}), 2, {"RANK is 1"}));
  EXPECT_TRUE(refused(under({{"OMPI_COMM_WORLD_SIZE", "4"}}), 2, {"OMPI_COMM_WORLD_SIZE is 4"}));
  EXPECT_TRUE(refused(under({{"SLURM_STEP_NUM_TASKS", "2"}}), 2, {"SLURM_STEP_NUM_TASKS is 2"}));
  EXPECT_TRUE(refused(under({{"SLURM_NTASKS", "2"}, {"SLURM_PROCID", "1"}}), 2, {"SLURM_NTASKS is 2"}));
  EXPECT_FALSE(fs::exists(run));
  // One of one, and a batch script of an allocation that could hold more.
  EXPECT_EQ(under({{"RANK", "0"}, {"WORLD_SIZE", "1"}, {"SLURM_NTASKS", "8"}, {"SLURM_PROCID", "0"}}).code,
            0);
}

}  // namespace
}  // namespace drf::testing
