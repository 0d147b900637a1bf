#include "drf/run/run_directory.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "drf/base/files.h"
#include "drf/nn/adamw.h"
#include "drf/nn/lora.h"
#include "drf/tensor/safetensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/temporary_folder.h"

namespace drf::run {
namespace {

using drf::testing::error_of;
using drf::testing::FileSizeLimit;
using drf::testing::says;
using drf::testing::TemporaryFolder;
using drf::testing::write_text;

// Two adapted layers and their optimiser.
struct Model : nn::Module {
  explicit Model(uint64_t seed, int64_t rank = 2, at::ScalarType dtype = at::kFloat) {
    register_module("to_q", q);
    register_module("to_k", k);
    for (const auto& p : named_parameters()) *p.tensor = at::ones(p.tensor->sizes(), dtype);
    nn::attach_lora(*this, {.rank = rank, .alpha = 4, .targets = {"to_q", "to_k"}}, seed);
    optimizer = std::make_unique<nn::AdamW>(nn::lora_parameters(*this), nn::AdamWOptions{});
  }
  void state(StateVisitor& v) {
    v("update", update);
    v("skipped_in_a_row", skipped);
    v.file("optimizer");
    optimizer->state(v);
  }
  TrainedFiles files(const nn::LayerNames& names = {}, bool comfyui = false) {
    return {*this, names, comfyui};
  }
  StateImage image(int64_t updates, int64_t skipped_in_a_row = 0) {
    update = updates;
    skipped = skipped_in_a_row;
    StateImage image;
    state(image);
    return image;
  }
  std::vector<at::Tensor> parameters() {
    std::vector<at::Tensor> all;
    for (const auto& [name, tensor] : nn::lora_parameters(*this)) all.push_back(tensor);
    return all;
  }
  void step(double size) {
    for (const auto& p : parameters()) p.mutable_grad() = at::full_like(p.detach(), size) + 0.1 * p.detach();
    optimizer->step(0.01);
  }
  nn::Linear q{3, 4, false}, k{3, 2, false};
  std::unique_ptr<nn::AdamW> optimizer;
  int64_t update = 0, skipped = 0;
};

void save(RunDirectory& run, Model& model, int64_t update, int64_t skipped_in_a_row = 0) {
  run.save(model.image(update, skipped_in_a_row), model.files());
}
/// The update of what was loaded, 0 for nothing.
int64_t load(RunDirectory& run, Model& model, const nn::LayerNames& names = {}) {
  return run.load(model.files(names), [&](StateVisitor& v) { model.state(v); }) ? model.update : 0;
}

bool same(Model& a, Model& b) {
  const auto left = a.parameters(), right = b.parameters();
  for (size_t i = 0; i < left.size(); ++i) {
    if (!left[i].equal(right[i])) return false;
  }
  return true;
}

RunConfig config() {
  RunConfig c;
  c.generator.path = "g";
  c.critic.path = "c";
  c.prompts.train = "p";
  return c;
}

std::vector<std::string> names_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

TEST(RunDirectory, HoldsTheResolvedConfigurationAndTheVersions) {
  TemporaryFolder folder;
  RunDirectory run(folder / "a/run", false);
  run.begin(config(), "{\"id\":\"q\"}\n");
  const std::string text = read_file(folder / "a/run/config.toml");
  EXPECT_TRUE(says(text, "# drf 0."));
  EXPECT_TRUE(says(text, ", libtorch 2."));
  RunConfig back = load_config(folder / "a/run/config.toml", {});
  RunConfig want = config();
  EXPECT_EQ(config_to_toml(fields_of(back)), config_to_toml(fields_of(want)));
  EXPECT_EQ(read_file(run.file("questions.jsonl")), "{\"id\":\"q\"}\n");
}

TEST(RunDirectory, AFolderInUseIsRefused) {
  TemporaryFolder folder;
  { RunDirectory(folder / "run", false).begin(config(), ""); }
  const auto refuse = [&](const char* name, bool resume) {
    return error_of(ErrorKind::kConfig, [&] { RunDirectory run(folder / name, resume); });
  };
  EXPECT_TRUE(says(refuse("run", false), "holds a run already; continue it with --resume"));
  write_text(folder / "other/file", "x");
  EXPECT_TRUE(says(refuse("other", false), "is not empty"));
  EXPECT_TRUE(says(refuse("other/file", false), "is not empty"));
  EXPECT_TRUE(says(refuse("absent", true), "there is no run to resume"));
  std::filesystem::create_directories(folder / "empty");
  { RunDirectory run(folder / "empty", false); }
  // What fails between opening the folder and beginning (a wrong checkpoint path) does not block the next
  // try.
  RunDirectory run(folder / "empty", false);
  const auto in_use = concat("in use by process ", ::getpid());
  EXPECT_TRUE(says(refuse("empty", false), in_use));
  EXPECT_TRUE(says(refuse("empty", true), in_use));
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { RunDirectory::remove(folder / "empty"); }), in_use));
  RunDirectory::remove(folder / "run");
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
}

// What a kill can leave before config.toml makes the folder a run is cleared by the next start; what others
// put there is not.
TEST(RunDirectory, WhatAKillLeavesBeforeTheRunBeginsDoesNotStrandTheFolder) {
  TemporaryFolder folder;
  const auto run = folder / "run";
  write_text(run / ".lock", "17\nhere\n");
  write_text(run / ".drf-probe-17", "");
  write_text(run / ".spill-aB3dE6", "");
  write_text(run / "config.toml.part17", "seed = ");
  write_text(run / "inputs.json.part17", "{");
  write_text(run / "dropped.jsonl.part17", "{");  // of the writer, which is there before a run
  write_text(run / "inputs.json", "{\"drf_inputs\":1,\"inp");
  { RunDirectory(run, false).begin(config(), "{}\n"); }
  EXPECT_EQ(names_in(run), (std::vector<std::string>{"config.toml", "inputs.json", "questions.jsonl"}));
  for (const char* foreign : {"inputs.json", "config.toml.partner", "questions.jsonl", "metrics.jsonl"}) {
    write_text(folder / foreign / foreign, "mine");
    EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { RunDirectory other(folder / foreign, false); }),
                     "is not empty"));
    EXPECT_EQ(read_file(folder / foreign / foreign), "mine");
  }
  // Later on halves are removed as well, and what was not written yet is.
  write_text(run / "questions.jsonl.part17", "{");
  std::filesystem::remove(run / "questions.jsonl");
  RunDirectory again(run, true);
  again.check_inputs(config(), false);
  again.begin(config(), "{}\n");
  EXPECT_EQ(read_file(run / "questions.jsonl"), "{}\n");
  EXPECT_EQ(names_in(run),
            (std::vector<std::string>{".lock", "config.toml", "inputs.json", "questions.jsonl"}));
}

TEST(RunDirectory, OtherQuestionsAreRefusedUnlessAccepted) {
  TemporaryFolder folder;
  { RunDirectory(folder / "run", false).begin(config(), "a\nb\n"); }
  const auto resume = [&](bool accept) {
    RunDirectory run(folder / "run", true);
    run.check_inputs(config(), accept);
    run.begin(config(), "a\nc\n");
  };
  const auto message = error_of(ErrorKind::kConfig, [&] { resume(false); });
  EXPECT_TRUE(says(message, "run/questions.jsonl: line 2 was 'b', is now 'c'"));
  EXPECT_TRUE(says(message, "--accept-changes"));
  EXPECT_EQ(read_file(folder / "run/questions.jsonl"), "a\nb\n");
  resume(true);
  resume(false);
  EXPECT_EQ(read_file(folder / "run/questions.jsonl"), "a\nc\n");
}

TEST(RunDirectory, ARecordThatWasCutOffIsCalledThat) {
  TemporaryFolder folder;
  RunConfig run_config = config();
  run_config.train.lr = 3e-4;
  { RunDirectory(folder / "run", false).begin(run_config, ""); }
  const std::string whole = read_file(folder / "run/config.toml");
  const auto resumed = [&](const std::string& record) {
    write_text(folder / "run/config.toml", record);
    return error_of(ErrorKind::kInput, [&] { RunDirectory(folder / "run", true).begin(run_config, ""); });
  };
  // In the middle of a line, and between two.
  EXPECT_TRUE(says(resumed(whole.substr(0, whole.find("lr = ") + 5)), "is damaged: restore the file"));
  const std::string message = resumed(whole.substr(0, whole.find("[train]")));
  EXPECT_TRUE(says(message, "config.toml: does not name train.lr"));
  EXPECT_TRUE(says(message, "is damaged: restore the file"));
}

// A record of the time before memory.decoder, or before it was always decided, means the least there is.
TEST(RunDirectory, ARecordWithoutTheDecodersMemoryGoesOn) {
  TemporaryFolder folder;
  RunConfig run_config = config();
  run_config.flow.recompute = "block";
  run_config.memory.decoder = "384MiB";
  { RunDirectory(folder / "run", false).begin(run_config, ""); }
  const std::string whole = read_file(folder / "run/config.toml");
  const size_t line = whole.find("decoder = "), end = whole.find('\n', line) + 1;
  ASSERT_NE(line, std::string::npos);
  const std::string before = whole.substr(0, line), after = whole.substr(end);
  for (const std::string& record : {before + after, before + "decoder = \"auto\"\n" + after}) {
    write_text(folder / "run/config.toml", record);
    RunDirectory(folder / "run", true).begin(run_config, "");
    EXPECT_EQ(read_file(folder / "run/config.toml"), whole);
    write_text(folder / "run/config.toml", record);
    RunConfig more = run_config;
    more.memory.decoder = "500MiB";
    EXPECT_TRUE(
        says(error_of(ErrorKind::kConfig, [&] { RunDirectory(folder / "run", true).begin(more, ""); }),
             "memory.decoder is now 'decoder = \"500MiB\"'"));
  }
}

// A start that is refused leaves what was there, also a file that has the lock's name.
TEST(RunDirectory, AnotherProgramsLockIsLeftAsItIs) {
  TemporaryFolder folder;
  const auto place = folder / "theirs";
  for (const char* text : {"mine", "", "17\nhere\n"}) {
    write_text(place / ".lock", text);
    write_text(place / "work.txt", "much work");
    EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { RunDirectory run(place, false); }), "is not empty"));
    EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { RunDirectory run(place, true); }),
                     "there is no run to resume"));
    EXPECT_EQ(read_file(place / ".lock"), text);
  }
  // Alone in its folder, and in one with a config.toml of its own.
  write_text(folder / "alone/.lock", "mine");
  EXPECT_TRUE(
      says(error_of(ErrorKind::kConfig, [&] { RunDirectory run(folder / "alone", false); }), "is not empty"));
  write_text(place / ".lock", "mine");
  write_text(place / "config.toml", "a = 1\n");
  for (const bool resume : {false, true}) {
    EXPECT_TRUE(
        says(error_of(ErrorKind::kConfig, [&] { RunDirectory run(place, resume); }), ".lock: is not drf's"));
  }
  for (const auto& lock : {place / ".lock", folder / "alone/.lock"}) EXPECT_EQ(read_file(lock), "mine");
}

TEST(RunDirectory, ComfyUisNamesAreWrittenBesideThePeftOnesOnRequest) {
  nn::LayerNames names;
  names.to_comfyui = [](const std::string& path) { return "self_attn." + path.substr(3); };
  names.alpha_in_comfyui = [](const std::string&) { return true; };
  for (const bool wanted : {false, true}) {
    TemporaryFolder folder;
    RunConfig c = config();
    c.output.comfyui = wanted;
    Model model(1), read(2);
    model.step(0.3);
    std::filesystem::path file;
    {
      RunDirectory run(folder / "run", false);
      run.begin(c, "");
      run.save(model.image(7), model.files(names, wanted));
      file = *run.latest() / "adapters_comfyui.safetensors";
    }
    ASSERT_EQ(std::filesystem::exists(file), wanted);
    if (!wanted) continue;
    EXPECT_TRUE(SafetensorsFile(file).contains("diffusion_model.self_attn.q.alpha"));
    EXPECT_EQ(nn::load_lora(read, file, names).layers, 2);
    EXPECT_TRUE(same(model, read));
    EXPECT_EQ(read.q.lora_scale(), model.q.lora_scale());
    // A continued run goes on from the other file, and may drop this one; so may who took the copy away.
    std::filesystem::remove(file);
    c.output.comfyui = false;
    RunDirectory again(folder / "run", true);
    again.begin(c, "");
    Model resumed(3);
    EXPECT_EQ(load(again, resumed, names), 7);
    EXPECT_TRUE(same(model, resumed));
  }
}

TEST(RunDirectory, ARunWithoutACheckpointStartsOver) {
  TemporaryFolder folder;
  { RunDirectory(folder / "run", false).begin(config(), ""); }
  RunDirectory run(folder / "run", true);
  Model model(1), fresh(1);
  EXPECT_EQ(load(run, model), 0);
  EXPECT_TRUE(same(model, fresh));
}

TEST(RunDirectory, AFolderThatCannotBeWrittenIsReportedBeforeAnyWork) {
  // Read-only even for root, and there is no other such place everywhere.
  const auto message = error_of(ErrorKind::kResources, [] { RunDirectory run("/proc/drf-run", false); });
  EXPECT_TRUE(says(message, "/proc/drf-run"));
}

TEST(RunDirectory, ACheckpointRestoresAdaptersAndOptimiserToTheSameBits) {
  for (const auto dtype : {at::kFloat, at::kDouble}) {
    TemporaryFolder folder;
    Model through(1, 2, dtype), resumed(2, 2, dtype);
    {
      RunDirectory run(folder / "run", false);
      run.begin(config(), "");
      for (int i = 0; i < 5; ++i) through.step(0.3);
      save(run, through, 5, 1);
    }
    for (int i = 0; i < 5; ++i) through.step(0.2);

    RunDirectory again(folder / "run", true);
    EXPECT_EQ(load(again, resumed), 5);
    EXPECT_EQ(resumed.skipped, 1);
    for (int i = 0; i < 5; ++i) resumed.step(0.2);
    EXPECT_TRUE(same(through, resumed));
  }
}

TEST(RunDirectory, TheLastCompleteCheckpointCounts) {
  TemporaryFolder folder;
  Model model(1);
  auto opened = std::make_unique<RunDirectory>(folder / "run", false);
  RunDirectory& run = *opened;
  run.begin(config(), "");
  EXPECT_FALSE(run.latest().has_value());
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { run.adapters(); }), "no complete checkpoint yet"));
  for (const int64_t update : {99, 1000000, 100}) save(run, model, update);
  const auto checkpoints = run.file("checkpoints");
  EXPECT_EQ(names_in(checkpoints), (std::vector<std::string>{"step-000099", "step-000100", "step-1000000"}));
  EXPECT_EQ(names_in(checkpoints / "step-000100"),
            (std::vector<std::string>{"adapters.safetensors", "optimizer.safetensors", "state.json"}));
  EXPECT_EQ(run.adapters(), std::vector{checkpoints / "step-1000000/adapters.safetensors"});
  write_text(checkpoints / "step-2000000/adapters.safetensors", "half a checkpoint of another program");
  write_text(checkpoints / "step-9x/state.json", "{}");
  write_text(checkpoints / ".part-step-3000000-17/state.json", "{}");
  EXPECT_EQ(run.latest(), checkpoints / "step-1000000");
  opened.reset();
  RunDirectory again(folder / "run", true);
  EXPECT_FALSE(std::filesystem::exists(checkpoints / ".part-step-3000000-17"));
}

TEST(RunDirectory, SavingAStepAgainReplacesIt) {
  TemporaryFolder folder;
  Model model(1), back(2);
  RunDirectory run(folder / "run", false);
  save(run, model, 1);
  model.step(1);
  save(run, model, 1);
  load(run, back);
  EXPECT_TRUE(same(model, back));
  EXPECT_EQ(names_in(run.file("checkpoints")), std::vector<std::string>{"step-000001"});
}

// At every size a file may be cut off at: an error of the right kind, no trace, and the last good checkpoint
// as it was.
TEST(RunDirectory, AFullDiskLeavesTheLastGoodCheckpoint) {
  TemporaryFolder folder;
  Model model(1), back(2);
  RunDirectory run(folder / "run", false);
  save(run, model, 1);
  const Model& before = model;
  Model later(3);
  for (const rlim_t limit : {0, 10, 100, 1000}) {
    const FileSizeLimit full(limit);
    const auto message = error_of(ErrorKind::kResources, [&] { save(run, later, 2); });
    EXPECT_TRUE(says(message, "cannot be written"));
    EXPECT_TRUE(says(message, concat("the newest whole checkpoint is ", *run.latest())));
    EXPECT_EQ(names_in(run.file("checkpoints")), std::vector<std::string>{"step-000001"});
    error_of(ErrorKind::kResources, [&] { save(run, later, 1); });
  }
  EXPECT_EQ(load(run, back), 1);
  EXPECT_TRUE(same(const_cast<Model&>(before), back));
}

TEST(RunDirectory, ACheckpointOfOtherAdaptersOrADamagedOneIsRefused) {
  TemporaryFolder folder;
  Model model(1), wide(1, 3), precise(1, 2, at::kDouble);
  RunDirectory run(folder / "run", false);
  save(run, model, 1);
  const auto message = [&](Model& other) { return error_of(ErrorKind::kInput, [&] { load(run, other); }); };
  EXPECT_TRUE(says(message(wide), "is F32 [2, 3], wanted F32 [3, 3]"));
  EXPECT_TRUE(says(message(precise), "wanted F64"));
  nn::attach_lora(wide, {.rank = 2, .targets = {"to_q"}}, 0);
  wide.optimizer = std::make_unique<nn::AdamW>(nn::lora_parameters(wide), nn::AdamWOptions{});
  EXPECT_TRUE(says(message(wide), "adapters.safetensors: holds 4 tensors, wanted 2"));
  const auto adapters = run.adapters().front();
  const std::string bytes = read_file(adapters);
  write_text(adapters, bytes.substr(0, bytes.size() - 3));
  EXPECT_TRUE(says(message(model), "adapters.safetensors"));
  write_text(adapters, bytes);
  write_text(adapters.parent_path() / "state.json", "{\"update\":1}");
  EXPECT_TRUE(says(message(model), "skipped_in_a_row"));
  for (const char* edited :
       {"{\"update\":-3,\"skipped_in_a_row\":0}", "{\"update\":2,\"skipped_in_a_row\":0}"}) {
    write_text(adapters.parent_path() / "state.json", edited);
    EXPECT_TRUE(says(message(model), "not the checkpoint's own number")) << edited;
  }
}

// Damage of any kind, also that of one bit in the numbers, which the format does not see.
TEST(RunDirectory, ADamagedNewestCheckpointFallsBackToTheOneBefore) {
  const std::vector<std::function<void(const std::filesystem::path&)>> damages = {
      [](const auto& newest) { std::filesystem::remove(newest / "optimizer.safetensors"); },
      [](const auto& newest) { write_text(newest / "state.json", "{\"upd"); },
      [](const auto& newest) { write_text(newest / "adapters.safetensors", "short"); },
      [](const auto& newest) {
        std::string bytes = read_file(newest / "adapters.safetensors");
        bytes[bytes.size() - 3] ^= 4;
        write_text(newest / "adapters.safetensors", bytes);
      },
      [](const auto& newest) {
        std::string bytes = read_file(newest / "optimizer.safetensors");
        bytes[bytes.size() / 2] ^= 1;
        write_text(newest / "optimizer.safetensors", bytes);
      }};
  for (const auto& damage : damages) {
    TemporaryFolder folder;
    Model model(1), back(2), untouched(2);
    RunDirectory run(folder / "run", false);
    run.begin(config(), "");
    save(run, model, 1);
    const Model& saved = model;
    Model later(3);
    save(run, later, 2);
    damage(run.file("checkpoints/step-000002"));
    EXPECT_EQ(load(run, back), 1);
    EXPECT_TRUE(same(const_cast<Model&>(saved), back));
    EXPECT_EQ(names_in(run.file("checkpoints")),
              (std::vector<std::string>{"damaged-step-000002", "step-000001"}));
    // Where none is left, the run does not start over unasked.
    damage(run.file("checkpoints/step-000001"));
    EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { load(run, untouched); }), "step-000001"));
    Model fresh(2);
    EXPECT_TRUE(same(untouched, fresh));
  }
}

TEST(RunDirectory, ADigestOfAFileElsewhereIsRefused) {
  TemporaryFolder folder;
  Model model(1), back(2);
  RunDirectory run(folder / "run", false);
  save(run, model, 4);
  for (const char* name : {"../step-000004/adapters.safetensors", "/etc/hostname"}) {
    write_text(run.file("checkpoints/step-000004/state.json"),
               concat(R"({"update":4,"skipped_in_a_row":0,"digests":{")", name, R"(":"0"}})"));
    EXPECT_TRUE(says(error_of(ErrorKind::kInput, [&] { load(run, back); }), "outside the checkpoint"));
  }
}

TEST(RunDirectory, CheckpointsOfOlderVersionsAreRead) {
  TemporaryFolder folder;
  Model model(1), back(2);
  RunDirectory run(folder / "run", false);
  save(run, model, 4);
  write_text(run.file("checkpoints/step-000004/state.json"), "{\"update\":4,\"skipped_in_a_row\":0}");
  EXPECT_EQ(load(run, back), 4);
  EXPECT_TRUE(same(model, back));
}

TEST(RunDirectory, TheBestIsKeptBesideTheNewest) {
  TemporaryFolder folder;
  Model model(1), back(2);
  RunConfig c = config();
  c.output.keep = 1;
  RunDirectory run(folder / "run", false);
  run.begin(c, "");
  EXPECT_FALSE(run.best("setup").has_value());
  save(run, model, 1);
  run.save_best(model.image(1), model.files(), {-0.25, true}, "setup");
  save(run, model, 2);
  save(run, model, 3);
  EXPECT_EQ(names_in(run.file("checkpoints")), (std::vector<std::string>{"best", "step-000003"}));
  EXPECT_EQ(run.best("setup"), (RunDirectory::Best{-0.25, true}));
  EXPECT_FALSE(run.best("other prompts").has_value());
  run.save_best(model.image(3), model.files(), {0.5, false}, "setup");
  EXPECT_EQ(run.best("setup"), (RunDirectory::Best{0.5, false}));
  EXPECT_EQ(load(run, back), 3);
  // It is a checkpoint: under a step's name a run goes on from it.
  std::filesystem::remove_all(run.file("checkpoints/step-000003"));
  std::filesystem::rename(run.file("checkpoints/best"), run.file("checkpoints/step-000003"));
  EXPECT_EQ(load(run, back), 3);
}

TEST(RunDirectory, AResumedRunCannotEndBeforeWhatItHasDone) {
  TemporaryFolder folder;
  Model model(1);
  {
    RunDirectory run(folder / "run", false);
    run.begin(config(), "");
    save(run, model, 3);
  }
  RunDirectory run(folder / "run", true);
  const std::string before = read_file(run.file("config.toml"));
  RunConfig shorter = config();
  shorter.train.updates = 2;
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { run.begin(shorter, ""); }), "has done 3"));
  EXPECT_EQ(read_file(run.file("config.toml")), before);
  shorter.train.updates = 3;
  run.begin(shorter, "");
}

TEST(RunDirectory, ARunOfAVersionThatKnewOneScheduleKeepsIt) {
  TemporaryFolder folder;
  { RunDirectory(folder / "run", false).begin(config(), ""); }
  const auto file = folder / "run/config.toml";
  std::string text = read_file(file);
  const size_t line = text.find("\nschedule = ");
  ASSERT_NE(line, std::string::npos);
  RunConfig now = config();
  keep_older_meanings(now, file);
  EXPECT_EQ(now.sampling.schedule, "flow");
  write_text(file, text.erase(line, text.find('\n', line + 1) - line));
  RunConfig given = config();
  given.given_keys.insert("sampling.schedule");
  keep_older_meanings(given, file);
  RunDirectory run(folder / "run", true);
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { run.begin(given, ""); }), "sampling.schedule is now"));
  keep_older_meanings(now, file);
  EXPECT_EQ(now.sampling.schedule, "diffusers");
  run.begin(now, "");
}

TEST(RunDirectory, AResumedRunMustLearnTheSame) {
  TemporaryFolder folder;
  { RunDirectory(folder / "run", false).begin(config(), ""); }
  RunDirectory run(folder / "run", true);
  RunConfig longer = config();
  longer.output.keep = 2;
  longer.train.checkpoint_minutes = 5;
  longer.train.updates = 5000;
  longer.eval.seeds = 3;
  run.begin(longer, "");
  EXPECT_EQ(load_config(run.file("config.toml"), {}).train.updates, 5000);
  RunConfig other = config();
  other.train.lr = 0.5;
  const auto message = error_of(ErrorKind::kConfig, [&] { run.begin(other, ""); });
  EXPECT_TRUE(says(message, "train.lr is now 'lr = 0.5'"));
  EXPECT_TRUE(says(message, "has 'lr = 1e-04'"));
  EXPECT_EQ(load_config(run.file("config.toml"), {}).train.lr, 1e-4);
}

}  // namespace
}  // namespace drf::run
