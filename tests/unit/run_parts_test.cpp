// The small parts that keep a run folder whole: lock, records, checkpoints in place, when they are due, and
// what a run reads.

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "drf/base/append_file.h"
#include "drf/base/digest.h"
#include "drf/base/file_lock.h"
#include "drf/base/files.h"
#include "drf/run/checkpoint_folder.h"
#include "drf/run/prompts.h"
#include "drf/run/run_inputs.h"
#include "drf/tensor/safetensors.h"
#include "drf/train/checkpoint_schedule.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace {
bool lose_what_is_swapped = false;
}

// In the place of the C library's: on request a file system that cannot swap two names, where what would be
// swapped in is gone by the time it is renamed.
extern "C" int renameat2(int from_fd, const char* from, int to_fd, const char* to, unsigned flags) noexcept {
  if (!lose_what_is_swapped)
    return static_cast<int>(::syscall(SYS_renameat2, from_fd, from, to_fd, to, flags));
  std::filesystem::remove_all(from);
  errno = EINVAL;
  return -1;
}

namespace drf::run {
namespace {

namespace fs = std::filesystem;
using drf::testing::error_of;
using drf::testing::FileSizeLimit;
using drf::testing::says;
using drf::testing::source_path;
using drf::testing::TemporaryFolder;
using drf::testing::write_text;

TEST(FileLock, ASecondHolderIsRefusedAndToldWhoTheFirstIs) {
  TemporaryFolder folder;
  const fs::path file = folder / ".lock";
  {
    const FileLock lock(file, "runs/a");
    const auto message = error_of(ErrorKind::kConfig, [&] { FileLock second(file, "runs/a"); });
    EXPECT_TRUE(says(message, concat("runs/a is in use by process ", ::getpid(), " (")));
    EXPECT_TRUE(fs::exists(file));
  }
  EXPECT_FALSE(fs::exists(file));
  write_text(file, "99999999\nsomewhere\n");  // left by a holder that was killed
  const FileLock again(file, "runs/a");
  error_of(ErrorKind::kConfig, [&] { FileLock second(file, "runs/a"); });
}

TEST(FileLock, TheKernelLetsGoWhenTheHolderDies) {
  TemporaryFolder folder;
  const fs::path file = folder / ".lock";
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FileLock lock(file, "runs/a");
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(0);
  }
  char byte = 0;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { FileLock second(file, "runs/a"); }),
                   concat("process ", child, " (")));
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(fs::exists(file));
  const FileLock next(file, "runs/a");
  error_of(ErrorKind::kConfig, [&] { FileLock second(file, "runs/a"); });
  ::close(ready[0]);
  ::close(ready[1]);
}

TEST(FileLock, WhatOthersWroteUnderThatNameIsLeft) {
  TemporaryFolder folder;
  const fs::path file = folder / ".lock";
  for (const std::string& text : {std::string("mine"), std::string("12 monkeys\n"), std::string(5000, '1')}) {
    write_text(file, text);
    EXPECT_FALSE(FileLock::is_ours(file));
    EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { FileLock lock(file, "runs/a"); }), "is not drf's"));
    EXPECT_EQ(read_file(file), text);
  }
  for (const char* text : {"", "17\n", "17\nhere\n"}) {
    write_text(file, text);
    EXPECT_TRUE(FileLock::is_ours(file)) << text;
  }
}

TEST(Digest, TellsEveryChangeOfAByteAndOfTheLength) {
  TemporaryFolder folder;
  std::string bytes;
  for (int i = 0; i < 37; ++i) bytes += static_cast<char>(i * 7);
  const std::string whole = digest(bytes);
  EXPECT_EQ(whole.size(), 16u);
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (const int bit : {0, 7}) {
      std::string other = bytes;
      other[i] = static_cast<char>(other[i] ^ (1 << bit));
      EXPECT_NE(digest(other), whole) << i;
    }
  }
  EXPECT_NE(digest(bytes + std::string(1, '\0')), whole);
  std::string large;
  while (large.size() < (size_t{2} << 20) + 5) large += bytes;
  write_text(folder / "file", large);
  EXPECT_EQ(digest_file(folder / "file"), digest(large));
  error_of(ErrorKind::kInput, [&] { digest_file(folder / "absent"); });
}

TEST(AppendFile, AFullDiskLeavesNoHalfAndTheNextRecordStands) {
  TemporaryFolder folder;
  AppendFile file(folder / "a/records");
  file.append("first\n");
  {
    const FileSizeLimit full(9);
    EXPECT_TRUE(says(error_of(ErrorKind::kResources, [&] { file.append("second\n"); }), "cannot be written"));
    EXPECT_EQ(read_file(folder / "a/records"), "first\n");
  }
  file.append("third\n");
  EXPECT_EQ(read_file(folder / "a/records"), "first\nthird\n");
}

TEST(CheckpointSchedule, UpdatesAndMinutesBothCount) {
  double now = 1000;
  const train::Seconds clock = [&] { return now; };
  train::CheckpointSchedule both(10, 30, clock);
  EXPECT_TRUE(both.due(20));
  EXPECT_FALSE(both.due(21));
  now += 30 * 60 - 1;
  EXPECT_FALSE(both.due(21));
  now += 1;
  EXPECT_TRUE(both.due(21));
  both.saved();
  EXPECT_FALSE(both.due(22));
  now += 1e9;
  EXPECT_FALSE(train::CheckpointSchedule(0, 0, clock).due(20));
  train::CheckpointSchedule updates(3, 0, clock);
  now += 1e9;
  EXPECT_FALSE(updates.due(20));
  EXPECT_TRUE(updates.due(21));
}

void put(CheckpointFolder& folder, int64_t update, const std::string& text) {
  folder.put(CheckpointFolder::name_of(update), [&](const fs::path& aside) {
    write_text(aside / "a", text);
    write_text(aside / "state.json", "{}");
  });
}

TEST(CheckpointFolder, KeepsTheNewestAndWhatHasAnotherName) {
  TemporaryFolder folder;
  CheckpointFolder checkpoints(folder.path());
  for (const int64_t update : {1, 2, 10, 9}) put(checkpoints, update, "x");
  checkpoints.put("best", [](const fs::path& aside) { write_text(aside / "state.json", "{}"); });
  checkpoints.keep(0);
  EXPECT_EQ(checkpoints.whole().size(), 4u);
  checkpoints.keep(2);
  const auto left = checkpoints.whole();
  ASSERT_EQ(left.size(), 2u);
  EXPECT_EQ(left[0].filename(), "step-000010");
  EXPECT_EQ(left[1].filename(), "step-000009");
  EXPECT_TRUE(fs::exists(folder / "best/state.json"));
  checkpoints.set_aside(left[0]);
  EXPECT_EQ(checkpoints.whole().size(), 1u);
  EXPECT_TRUE(fs::exists(folder / "damaged-step-000010/a"));
}

// Where a program can be killed while it replaces a checkpoint on a file system that cannot swap two names.
TEST(CheckpointFolder, AKillWhileOneIsReplacedLosesNone) {
  TemporaryFolder folder;
  CheckpointFolder checkpoints(folder.path());
  put(checkpoints, 7, "old");
  const fs::path place = folder / "step-000007";
  fs::rename(place, folder / ".replaced-step-000007");
  write_text(folder / ".part-step-000007-17/a", "new");
  EXPECT_TRUE(checkpoints.whole().empty());
  checkpoints.repair();
  EXPECT_EQ(read_file(place / "a"), "old");
  EXPECT_FALSE(fs::exists(folder / ".part-step-000007-17"));
  // One moment later.
  fs::copy(place, folder / ".replaced-step-000007", fs::copy_options::recursive);
  write_text(place / "a", "new");
  checkpoints.repair();
  EXPECT_EQ(read_file(place / "a"), "new");
  EXPECT_FALSE(fs::exists(folder / ".replaced-step-000007"));
}

TEST(CheckpointFolder, WhatCannotBeFilledLeavesTheOldOne) {
  TemporaryFolder folder;
  CheckpointFolder checkpoints(folder.path());
  put(checkpoints, 7, "old");
  EXPECT_THROW(checkpoints.put("step-000007", [](const fs::path&) { throw std::bad_alloc(); }),
               std::bad_alloc);
  EXPECT_EQ(read_file(folder / "step-000007/a"), "old");
  put(checkpoints, 7, "new");
  EXPECT_EQ(read_file(folder / "step-000007/a"), "new");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

// Two names cannot be swapped, and the second of the two renames that stand for it fails.
TEST(CheckpointFolder, WhatCannotTakeItsPlaceLeavesTheOldOne) {
  TemporaryFolder folder;
  CheckpointFolder checkpoints(folder.path());
  put(checkpoints, 7, "old");
  lose_what_is_swapped = true;
  error_of(ErrorKind::kResources, [&] { put(checkpoints, 7, "new"); });
  lose_what_is_swapped = false;
  EXPECT_EQ(read_file(folder / "step-000007/a"), "old");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
}

TEST(FirstDifference, NamesTheLineAndBothTextsShortAndHarmless) {
  EXPECT_EQ(first_difference({"a", "b"}, {"a", "b"}), "");
  EXPECT_EQ(first_difference({"a", "b", "c"}, {"a", "x", "y"}), "line 2 was 'b', is now 'x'");
  EXPECT_EQ(first_difference({"a", "b"}, {"a"}), "line 2 was 'b', is gone now");
  EXPECT_EQ(first_difference({"a"}, {"a", "b"}), "line 2 is new: 'b'");
  EXPECT_EQ(first_difference({"a\x1b[2Jb"}, {"a\tb"}), "line 1 was 'a\\x1b[2Jb', is now 'a\\tb'");
  const std::string same(400, 's');
  const std::string message = first_difference({same + "old" + same}, {same + "new" + same});
  EXPECT_TRUE(says(message, "'...ssssssssssssssssssssssssssssssold"));
  EXPECT_TRUE(says(message, "'...ssssssssssssssssssssssssssssssnew"));
  EXPECT_LT(message.size(), 250u);
  std::string umlauts;
  for (int i = 0; i < 100; ++i) umlauts += "\xc3\xa4";
  EXPECT_TRUE(is_utf8(first_difference({umlauts + "a" + umlauts}, {umlauts + "b" + umlauts})));
}

// A configuration whose files all exist, in a folder where they may be edited.
RunConfig config_in(const TemporaryFolder& folder) {
  RunConfig c;
  for (const char* part : {"generator", "critic"})
    fs::copy(source_path(std::string("assets/tiny/") + part), folder / part, fs::copy_options::recursive);
  write_text(folder / "p.txt", "a red ball\na blue ball\n");
  write_text(folder / "h.txt", "a green ball\n");
  write_text(folder / "t.json", "{}\n");
  c.generator.path = (folder / "generator").string();
  c.critic.path = (folder / "critic").string();
  c.prompts.train = (folder / "p.txt").string();
  c.prompts.held_out = (folder / "h.txt").string();
  c.questions.templates = (folder / "t.json").string();
  return c;
}

TEST(RunInputs, EveryKindOfChangeIsNamedWithItsFile) {
  TemporaryFolder folder;
  const RunConfig c = config_in(folder);
  write_text(folder / "inputs.json", RunInputs::read(c).to_json());
  EXPECT_TRUE(RunInputs::is_ours(folder / "inputs.json"));
  EXPECT_FALSE(RunInputs::is_ours(folder / "p.txt"));
  const auto changes = [&] {
    return RunInputs::load(folder / "inputs.json")->differences(RunInputs::read(c));
  };
  EXPECT_TRUE(changes().empty());
  const auto changed = [&](const char* name, const std::string& bytes, const std::string& part) {
    const fs::path file = folder / name;
    const std::string before = read_file(file);
    write_text(file, bytes);
    const auto found = changes();
    ASSERT_EQ(found.size(), 1u) << name;
    EXPECT_TRUE(says(found[0], (folder / name).string()));
    EXPECT_TRUE(says(found[0], part));
    write_text(file, before);
    EXPECT_TRUE(changes().empty());
  };
  changed("p.txt", "a red ball\na BLUE ball\n",
          "(prompts.train): line 2 was 'a blue ball', is now 'a BLUE ball'");
  changed("h.txt", "a green ball\nmore\n", "(prompts.held_out): line 2 is new: 'more'");
  changed("t.json", "{ }\n", "(questions.templates): line 1");
  const std::string config = read_file(folder / "generator/transformer/config.json");
  changed("generator/transformer/config.json", config + "\n\n{", "(generator.path): line");
  changed("critic/tokenizer.json", "{}", "(critic.path): ");
  // Line ends and blank lines at the end say nothing.
  write_text(folder / "p.txt",
             "\xEF\xBB\xBF"
             "a red ball\r\na blue ball\n\n");
  EXPECT_TRUE(changes().empty());
  fs::remove(folder / "p.txt");
  ASSERT_EQ(changes().size(), 1u);
  EXPECT_TRUE(says(changes()[0], "is gone now"));
}

TEST(RunInputs, CheckpointsAreComparedByTheirHeadersAndSizes) {
  TemporaryFolder folder;
  RunConfig c = config_in(folder);
  const fs::path weights = folder / "critic/model.safetensors", adapters = folder / "a.safetensors";
  write_safetensors(adapters, {{"x", at::zeros({2, 3})}}, {{"lora_adapter_metadata", "{\"alpha\":8}"}});
  c.lora.init_from = adapters.string();
  const RunInputs before = RunInputs::read(c);
  const auto change = [&] {
    const auto found = before.differences(RunInputs::read(c));
    return found.empty() ? "" : found.front();
  };
  EXPECT_EQ(change(), "");
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  {
    const SafetensorsFile file(weights);
    for (const auto& [name, entry] : file.entries()) tensors.emplace_back(name, file.get(name).clone());
  }
  const std::string original = read_file(weights);
  auto other = tensors;
  other.back().second = other.back().second.to(at::kBFloat16);
  write_safetensors(weights, other);
  EXPECT_TRUE(says(change(), "critic/model.safetensors (critic.path): was '"));
  EXPECT_TRUE(says(change(), " F32 ["));
  EXPECT_TRUE(says(change(), " BF16 ["));
  write_text(weights, original);
  EXPECT_EQ(change(), "");
  // Adapters and noise are small: every number of them counts.
  write_safetensors(adapters, {{"x", at::ones({2, 3})}}, {{"lora_adapter_metadata", "{\"alpha\":8}"}});
  EXPECT_TRUE(says(change(), "(lora.init_from): was 'digest "));
  write_safetensors(adapters, {{"x", at::zeros({2, 3})}}, {{"lora_adapter_metadata", "{\"alpha\":9}"}});
  EXPECT_TRUE(says(change(), "metadata lora_adapter_metadata {\"alpha\":8}"));
  // Another file under the key is for config.toml to judge.
  c.lora.init_from = weights.string();
  EXPECT_EQ(change(), "");
  EXPECT_EQ(before.moved(RunInputs::read(c)), std::vector<std::string>{"lora.init_from"});
}

TEST(RunInputs, ADamagedRecordIsNamed) {
  TemporaryFolder folder;
  EXPECT_FALSE(RunInputs::load(folder / "inputs.json").has_value());
  for (const char* text : {"{\"drf_inputs\":1,\"inputs\":[{}]}", "{\"drf_inputs\":1}", "[]", "{"}) {
    write_text(folder / "inputs.json", text);
    EXPECT_TRUE(
        says(error_of(ErrorKind::kInput, [&] { RunInputs::load(folder / "inputs.json"); }), "inputs.json"));
  }
}

TEST(Prompts, AnEvaluationShowsTheFirstHeldOutOnes) {
  RunConfig c;
  PromptSets sets;
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { evaluated_prompts(c, sets); }), "prompts.held_out"));
  sets.train.prompts = {"t"};
  sets.held_out.prompts = {"a", "b", "c"};
  const std::vector<std::vector<std::string>> wanted = {
      {"a", "b", "c"}, {"a"}, {"a", "b"}, {"a", "b", "c"}, {"a", "b", "c"}};
  for (size_t n = 0; n < wanted.size(); ++n) {
    c.eval.prompts = static_cast<int64_t>(n);
    EXPECT_EQ(evaluated_prompts(c, sets), wanted[n]) << n;
  }
}

}  // namespace
}  // namespace drf::run
