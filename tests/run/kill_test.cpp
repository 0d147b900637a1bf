// A run that is killed at its calls to the disk, and killed again while it goes on, ends in the same bits.

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/run/tiny_train.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

using Environment = std::vector<std::pair<std::string, std::string>>;

// Two updates, each with a checkpoint, a validation, a best and one checkpoint that is taken away.
const Arguments kSettings = {
    "sampling.frames=1",        "train.batch=1", "train.updates=2", "train.eval_every=1",
    "train.checkpoint_every=1", "output.keep=1", "eval.prompts=1",  "train.warmup=0",
    "train.lr=0.0003"};

// drf train under the preloaded library, killed at call `at` (0: not) below `run`.
Outcome run_until(const fs::path& run, bool resume, long at, Environment environment = {}) {
  ProcessOptions options;
  options.environment = std::move(environment);
  options.environment.emplace_back("LD_PRELOAD", DRF_DISK_CALLS);
  options.environment.emplace_back("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0");
  options.environment.emplace_back("DRF_DISK_FOLDER", run.string());
  if (at > 0) options.environment.emplace_back("DRF_DISK_KILL_AT", std::to_string(at));
  return train(run, kSettings, resume ? Arguments{"--resume"} : Arguments{}, options);
}

// As a user would: --resume, and where there is nothing to resume a start.
Outcome go_on(const fs::path& run, long at, const Environment& environment = {}) {
  const Outcome outcome = run_until(run, true, at, environment);
  if (outcome.code == 2 && outcome.err.find("there is no run to resume") != std::string::npos)
    return run_until(run, false, at, environment);
  return outcome;
}

// The calls of a program that was not killed, in order: "rename config.toml".
std::vector<std::string> listed(const fs::path& file) { return read_utf8_lines(file); }

// Calls that differ in numbers alone (of a step, of a process) are of one kind.
std::string kind_of(std::string call) {
  for (char& c : call) c = c >= '0' && c <= '9' ? '#' : c;
  return call;
}

// The first and the last call of every kind, at most `most`, evenly.
std::vector<long> chosen(const std::vector<std::string>& calls, size_t most) {
  std::map<std::string, std::pair<long, long>> kinds;
  for (size_t i = 0; i < calls.size(); ++i) {
    const long number = static_cast<long>(i) + 1;
    const auto [entry, first] = kinds.try_emplace(kind_of(calls[i]), number, number);
    if (!first) entry->second.second = number;
  }
  std::set<long> all;
  for (const auto& [kind, ends] : kinds) all.insert({ends.first, ends.second});
  const std::vector<long> sorted(all.begin(), all.end());
  std::vector<long> picked;
  for (size_t i = 0; i < most && i < sorted.size(); ++i)
    picked.push_back(sorted[sorted.size() <= most ? i : i * sorted.size() / most]);
  return picked;
}

class Kill : public ::testing::Test {
 protected:
  // The run that nothing disturbed, made once.
  static const fs::path& undisturbed() {
    static const TemporaryFolder folder;
    static const fs::path run = [] {
      const Outcome outcome =
          run_until(folder / "run", false, 0, {{"DRF_DISK_LIST", (folder / "calls").string()}});
      EXPECT_EQ(outcome.code, 0) << outcome.err;
      calls_ = listed(folder / "calls");
      return folder / "run";
    }();
    return run;
  }

  static void expect_same(const fs::path& run, const std::string& what) {
    SCOPED_TRACE(what);
    expect_each_update_once(run, 2);
    expect_same_run(undisturbed(), run, 2);
    for (const char* file : {"adapters.safetensors", "optimizer.safetensors", "state.json"})
      EXPECT_TRUE(read_file(undisturbed() / "checkpoints/best" / file) ==
                  read_file(run / "checkpoints/best" / file))
          << file;
    EXPECT_EQ(read_file(undisturbed() / "questions.jsonl"), read_file(run / "questions.jsonl"));
    EXPECT_EQ(read_file(undisturbed() / "inputs.json"), read_file(run / "inputs.json"));
    // Nothing of what was broken off is left.
    std::set<std::string> names;
    for (const std::string& name : tree(run)) {
      if (name.rfind("events.", 0) != 0) names.insert(name);
    }
    std::set<std::string> wanted;
    for (const std::string& name : tree(undisturbed())) {
      if (name.rfind("events.", 0) != 0) wanted.insert(name);
    }
    EXPECT_EQ(names, wanted);
  }

  static inline std::vector<std::string> calls_;
};

TEST_F(Kill, AtEveryKindOfDiskCallARunEndsInTheSameBits) {
  undisturbed();
  ASSERT_GT(calls_.size(), 50u);
  for (const long at : chosen(calls_, 16)) {
    const TemporaryFolder folder;
    const std::string what =
        "killed at call " + std::to_string(at) + ": " + calls_[static_cast<size_t>(at) - 1];
    const Outcome killed = run_until(folder / "run", false, at);
    ASSERT_EQ(killed.code, 137) << what << "\n" << killed.err;
    // And killed again, early or late in what is left.
    const long again = 1 + (at * 37) % 60;
    const Outcome second = go_on(folder / "run", again);
    ASSERT_TRUE(second.code == 137 || second.code == 0) << what << ", then at " << again << "\n"
                                                        << second.err;
    const Outcome last = go_on(folder / "run", 0);
    ASSERT_EQ(last.code, 0) << what << ", then at " << again << "\n" << last.err;
    expect_same(folder / "run", what + ", then at " + std::to_string(again));
  }
}

// Where the file system cannot exchange two names, the best checkpoint is replaced by two renames.
TEST_F(Kill, BetweenTwoRenamesOfOneCheckpointNothingIsLost) {
  undisturbed();
  const TemporaryFolder plain;
  const Environment no_swap = {{"DRF_DISK_NO_SWAP", "1"}};
  Environment listing = no_swap;
  listing.emplace_back("DRF_DISK_LIST", (plain / "calls").string());
  ASSERT_EQ(run_until(plain / "run", false, 0, listing).code, 0);
  expect_same(plain / "run", "no swap");
  const auto calls = listed(plain / "calls");
  int between = 0;
  for (size_t i = 0; i < calls.size(); ++i) {
    if (calls[i] != "rename checkpoints/.replaced-best" &&
        (i == 0 || calls[i - 1] != "rename checkpoints/.replaced-best"))
      continue;
    ++between;
  }
  ASSERT_GE(between, 2) << "the run replaces no best checkpoint: choose another rate";
  for (size_t i = 0; i + 1 < calls.size(); ++i) {
    if (calls[i] != "rename checkpoints/.replaced-best") continue;
    for (size_t at = i + 1; at <= i + 6 && at <= calls.size(); ++at) {
      const TemporaryFolder folder;
      ASSERT_EQ(run_until(folder / "run", false, static_cast<long>(at), no_swap).code, 137);
      const Outcome last = go_on(folder / "run", 0, no_swap);
      ASSERT_EQ(last.code, 0) << last.err;
      expect_same(folder / "run", "no swap, killed at " + calls[at - 1]);
    }
    break;
  }
}

TEST_F(Kill, AFileSystemWithoutLocksIsWarnedAbout) {
  const TemporaryFolder folder;
  const Outcome outcome = run_until(folder / "run", false, 0, {{"DRF_DISK_NO_LOCK", "1"}});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("this file system has no locks"), std::string::npos) << outcome.err;
  expect_same(folder / "run", "no lock");
}

}  // namespace
}  // namespace drf::testing
