// What the training loop does when something goes wrong inside it.

#include "drf/train/trainer.h"

#include <ATen/ATen.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <new>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/random.h"
#include "drf/nn/lora.h"
#include "drf/tensor/safetensors.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/open_run.h"
#include "tests/support/temporary_folder.h"

namespace drf::train {
namespace {

namespace fs = std::filesystem;
using drf::testing::error_of;
using drf::testing::source_path;
using drf::testing::TemporaryFolder;
using drf::testing::write_text;

// configs/tiny.toml, as small as it gets; `more` has the last word.
run::RunConfig tiny(const fs::path& run, std::vector<std::string> more) {
  const auto asset = [](const char* name) {
    return source_path(std::string("assets/tiny/") + name).string();
  };
  std::vector<std::string> sets = {"generator.path=" + asset("generator"),
                                   "critic.path=" + asset("critic"),
                                   "prompts.train=" + asset("prompts.txt"),
                                   "prompts.held_out=" + asset("held_out.txt"),
                                   "questions.templates=" + asset("questions.json"),
                                   "sampling.frames=5",
                                   "sampling.width=16",
                                   "sampling.height=16",
                                   "sampling.steps=2",
                                   "flow.K=1",
                                   "train.batch=1",
                                   "train.updates=4",
                                   "critic.frames=2",
                                   "output.dir=" + run.string()};
  sets.insert(sets.end(), more.begin(), more.end());
  return run::load_config(source_path("configs/tiny.toml"), sets, run::known_policies());
}

// One run, or the continuation of one.
struct TinyRun {
  TinyRun(const fs::path& folder, const std::vector<std::string>& sets, bool resume = false,
          Seconds clock = steady_seconds)
      : directory(folder, resume),
        opened(testing::open_run(tiny(folder, sets))),
        run(*opened),
        trainer(run, &directory, clock) {
    directory.begin(run.config(), run::questions_text(run.prompts().train));
    if (resume) trainer.resume();
  }
  run::RunDirectory directory;
  std::unique_ptr<run::Run> opened;
  run::Run& run;
  Trainer trainer;
};

std::string adapters_of(const fs::path& run, int64_t update) {
  return read_file(run / "checkpoints" / run::CheckpointFolder::name_of(update) / "adapters.safetensors");
}

// The same run without a disturbance: adapters after `update` updates.
std::string undisturbed(const std::vector<std::string>& sets, int64_t update) {
  const TemporaryFolder folder;
  std::vector<std::string> all = sets;
  all.push_back("train.checkpoint_every=1");
  TinyRun run(folder / "run", all);
  EXPECT_TRUE(run.trainer.run());
  return adapters_of(folder / "run", update);
}

TEST(Trainer, WhateverEndsARunTheLastFinishedUpdateIsSaved) {
  const std::string wanted = undisturbed({}, 3), end = undisturbed({}, 4);
  const std::vector<std::function<void()>> ends = {
      [] { throw std::bad_alloc(); }, [] { TORCH_CHECK(false, "CUDA out of memory"); },
      [] { fail(ErrorKind::kResources, "no more"); }, [] { throw std::runtime_error("anything"); }};
  for (size_t i = 0; i < ends.size(); ++i) {
    const TemporaryFolder folder;
    const fs::path place = folder / "run";
    {
      TinyRun run(place, {});
      EXPECT_ANY_THROW(run.trainer.run([&](const UpdateStats& stats) {
        if (stats.update == 3) ends[i]();
      }));
    }
    ASSERT_EQ(adapters_of(place, 3), wanted) << i;
    TinyRun again(place, {}, /*resume=*/true);
    EXPECT_TRUE(again.trainer.run());
    EXPECT_EQ(adapters_of(place, 4), end) << i;
  }
}

// The exception comes out of the middle of update 3, with part of a gradient formed.
TEST(Trainer, AnExceptionInsideAnUpdateSavesTheOneBefore) {
  const TemporaryFolder folder;
  const fs::path place = folder / "run", generator = folder / "generator",
                 weights = generator / "transformer/diffusion_pytorch_model.safetensors",
                 aside = weights.string() + ".aside";
  fs::copy(testing::source_path("assets/tiny/generator"), generator, fs::copy_options::recursive);
  // Weights that leave the device come back from their file.
  const std::vector<std::string> sets = {"generator.path=" + generator.string(), "memory.park=on",
                                         "train.accumulate=2", "flow.reuse=3"};
  std::string wanted, end;
  {
    TinyRun whole(folder / "whole", {sets[0], sets[1], sets[2], sets[3], "train.checkpoint_every=1"});
    ASSERT_TRUE(whole.trainer.run());
    wanted = adapters_of(folder / "whole", 2);
    end = adapters_of(folder / "whole", 4);
  }
  {
    TinyRun run(place, sets);
    error_of(ErrorKind::kInput, [&] {
      run.trainer.run([&](const UpdateStats& stats) {
        if (stats.update == 2) fs::rename(weights, aside);
      });
    });
  }
  EXPECT_EQ(adapters_of(place, 2), wanted);
  fs::rename(aside, weights);
  TinyRun again(place, sets, /*resume=*/true);
  EXPECT_TRUE(again.trainer.run());
  EXPECT_EQ(adapters_of(place, 4), end);
}

// Kept states are no part of a checkpoint: they are made again, of the same clips in the same batches.
TEST(Trainer, ARunOfFewRolloutsIsResumedToTheSameBits) {
  const std::vector<std::string> sets = {"flow.rollouts=2", "lora.steps=trained", "train.accumulate=2",
                                         "train.updates=7"};
  const TemporaryFolder folder;
  {
    TinyRun run(folder / "run", sets);
    EXPECT_THROW(run.trainer.run([](const UpdateStats& stats) {
      if (stats.update == 3) throw std::bad_alloc();
    }),
                 std::bad_alloc);
  }
  TinyRun again(folder / "run", sets, /*resume=*/true);
  EXPECT_TRUE(again.trainer.run());
  EXPECT_EQ(adapters_of(folder / "run", 7), undisturbed(sets, 7));
}

// What [robust] draws is drawn by update, and a rollout that rule matching goes on with is in the checkpoint.
TEST(Trainer, WhatIsDrawnAtEachUpdateAndWhatIsKeptIsResumedToTheSameBits) {
  const std::vector<std::vector<std::string>> ways = {
      {"robust.frames=1", "robust.resolution=0.5", "robust.questions=0.5", "robust.pixels=0.01",
       "robust.adapters=0.05", "train.accumulate=2"},
      {"flow.rule=matching", "flow.K=2", "flow.reuse=2", "matching.trust=1", "robust.pixels=0.01"}};
  for (const std::vector<std::string>& sets : ways) {
    const TemporaryFolder folder;
    {
      TinyRun run(folder / "run", sets);
      EXPECT_THROW(run.trainer.run([](const UpdateStats& stats) {
        if (stats.update == 3) throw std::bad_alloc();
      }),
                   std::bad_alloc);
    }
    TinyRun again(folder / "run", sets, /*resume=*/true);
    EXPECT_TRUE(again.trainer.run());
    EXPECT_EQ(adapters_of(folder / "run", 4), undisturbed(sets, 4)) << sets.front();
  }
}

TEST(Trainer, EachOfWhatIsRobustChangesWhatIsLearnt) {
  const std::string plain = undisturbed({}, 2);
  EXPECT_TRUE(undisturbed({}, 2) == plain);
  for (const char* set : {"robust.frames=2", "robust.resolution=0.5", "robust.questions=0.5",
                          "robust.pixels=0.01", "robust.adapters=0.05"})
    EXPECT_FALSE(undisturbed({set}, 2) == plain) << set;
}

TEST(Trainer, MinutesAreThoseOfItsClock) {
  const TemporaryFolder folder;
  double now = 0;
  TinyRun run(folder / "run", {"train.checkpoint_every=0", "train.checkpoint_minutes=10"}, false,
              [&] { return now; });
  EXPECT_TRUE(run.trainer.run([&](const UpdateStats& stats) { now += stats.update == 2 ? 601 : 250; }));
  const auto saved = [&](int64_t update) {
    return fs::exists(folder / "run/checkpoints" / run::CheckpointFolder::name_of(update));
  };
  EXPECT_FALSE(saved(1));
  EXPECT_TRUE(saved(2));
  EXPECT_FALSE(saved(3));
  EXPECT_TRUE(saved(4));
}

// What is saved where numerics end a run knows the validation of its update, as a resumed run's guards must.
TEST(Trainer, TheLastUpdateThatLearntIsSavedWithItsValidation) {
  const TemporaryFolder folder;
  TinyRun run(folder / "run", {"train.eval_every=1", "eval.prompts=1", "train.max_skipped=1"});
  const auto parameters = run.run.trained().parameters();
  const at::NoGradGuard no_graph;
  EXPECT_NE(error_of(ErrorKind::kNumerics,
                     [&] {
                       run.trainer.run([&](const UpdateStats& stats) {
                         EXPECT_EQ(stats.skipped, stats.update > 2);
                         if (stats.update != 2) return;
                         for (auto [name, tensor] : parameters) tensor.fill_(std::nan(""));
                       });
                     })
                .find("2 updates in a row"),
            std::string::npos);
  const auto state = nlohmann::json::parse(read_file(folder / "run/checkpoints/step-000002/state.json"));
  EXPECT_EQ(state["update"], 2);
  EXPECT_EQ(state["watched/held_out_reward"].size(), 2u) << state;
}

// The critic's last layer becomes NaN for one update of a rollout that serves four: that update is skipped,
// and the next one does not go on with the rollout.
TEST(Trainer, ARolloutThatWentNonFiniteIsDropped) {
  const std::vector<std::string> sets = {"flow.reuse=4", "train.updates=6"};
  const auto train = [&](const fs::path& place, bool stop_after_3) {
    TinyRun run(place, sets);
    const auto parameters = run.run.trained().parameters();
    const at::NoGradGuard no_graph;
    std::vector<at::Tensor> kept;
    std::vector<double> rewards;
    const auto each = [&](const UpdateStats& stats) {
      rewards.push_back(stats.reward);
      EXPECT_EQ(stats.skipped, stats.update == 2);
      for (size_t i = 0; i < parameters.size(); ++i) {
        at::Tensor tensor = parameters[i].second;
        if (stats.update == 1) {
          kept.push_back(tensor.detach().clone());
          tensor.fill_(std::nan(""));
        } else if (stats.update == 2) {
          tensor.copy_(kept[i]);
        }
      }
      if (stop_after_3 && stats.update == 3) throw std::bad_alloc();
    };
    if (stop_after_3) {
      EXPECT_THROW(run.trainer.run(each), std::bad_alloc);
    } else {
      EXPECT_TRUE(run.trainer.run(each));
    }
    return rewards;
  };
  const TemporaryFolder folder;
  const auto rewards = train(folder / "whole", false);
  EXPECT_TRUE(std::isnan(rewards[1]));
  for (const size_t later : {2, 3, 4, 5}) EXPECT_TRUE(std::isfinite(rewards[later])) << later;
  // And a resumed run goes on with the new rollout, to the same bits.
  train(folder / "run", true);
  TinyRun again(folder / "run", sets, /*resume=*/true);
  EXPECT_TRUE(again.trainer.run());
  EXPECT_EQ(adapters_of(folder / "run", 6), adapters_of(folder / "whole", 6));
}

// A checkpoint says that its update's validation was interrupted: it is done first, with its line and its
// best.
TEST(Trainer, AnInterruptedValidationIsMadeUpForOnResume) {
  const TemporaryFolder folder;
  const fs::path place = folder / "run", best = place / "checkpoints/best";
  std::vector<std::string> sets = {"train.eval_every=1", "eval.prompts=1", "train.updates=1"};
  TinyRun(place, sets).trainer.run();
  const std::string first_line = read_file(place / "metrics.jsonl");
  fs::copy(best, folder / "best of the first", fs::copy_options::recursive);
  sets[2] = "train.updates=2";
  EXPECT_TRUE(TinyRun(place, sets, /*resume=*/true).trainer.run());
  const std::string best_state = read_file(best / "state.json"),
                    both_lines = read_file(place / "metrics.jsonl");
  const fs::path state = place / "checkpoints/step-000002/state.json";
  const std::string saved = read_file(state);

  // As the interrupt would have left it.
  auto line = nlohmann::ordered_json::parse(both_lines.substr(first_line.size()));
  std::vector<std::string> validated;
  for (const auto& [key, value] : line.items())
    if (key.rfind("held_out_", 0) == 0 || key.rfind("base_distance/", 0) == 0) validated.push_back(key);
  for (const std::string& key : validated) line.erase(key);
  auto interrupted = nlohmann::ordered_json::parse(saved);
  const auto before = nlohmann::json::parse(read_file(place / "checkpoints/step-000001/state.json"));
  for (const char* trend :
       {"watched_reward/held_out_reward", "watched_held_out/held_out_reward", "watched/held_out_reward"})
    interrupted[trend] = before.at(trend);
  interrupted["watched_gathered/held_out_reward"] = {line["reward"], 1};
  interrupted["unvalidated"] = line.dump();
  write_text(state, interrupted.dump());
  write_text(place / "metrics.jsonl", first_line);
  fs::remove_all(best);
  fs::copy(folder / "best of the first", best, fs::copy_options::recursive);

  EXPECT_TRUE(TinyRun(place, sets, /*resume=*/true).trainer.run());
  EXPECT_EQ(read_file(place / "metrics.jsonl"), both_lines);
  EXPECT_EQ(read_file(best / "state.json"), best_state);
  EXPECT_EQ(read_file(state), saved);

  // Killed after the line was written and before the checkpoint said so.
  write_text(state, interrupted.dump());
  EXPECT_TRUE(TinyRun(place, sets, /*resume=*/true).trainer.run());
  EXPECT_EQ(read_file(place / "metrics.jsonl"), both_lines);
  EXPECT_EQ(read_file(best / "state.json"), best_state);
  EXPECT_EQ(read_file(state), saved);
}

// Rewards of one critic are no bar for those of another; nor does a rollout serve a model that did not make
// it.
TEST(Trainer, WhatOtherModelsMeasuredAndMadeIsGivenUp) {
  const TemporaryFolder folder;
  const fs::path place = folder / "run", best = place / "checkpoints/best/state.json";
  for (const char* name : {"critic", "generator"})
    fs::copy(source_path(std::string("assets/tiny/") + name), folder / name, fs::copy_options::recursive);
  std::vector<std::string> sets = {"train.eval_every=1",
                                   "eval.prompts=1",
                                   "flow.reuse=8",
                                   "critic.path=" + (folder / "critic").string(),
                                   "generator.path=" + (folder / "generator").string(),
                                   "train.updates=1"};
  const auto go_on = [&](const char* updates, bool changed) {
    sets.back() = std::string("train.updates=") + updates;
    run::RunDirectory directory(place, true);
    const auto opened = testing::open_run(tiny(place, sets));
    run::Run& run = *opened;
    directory.check_inputs(run.config(), changed);
    directory.begin(run.config(), run::questions_text(run.prompts().train));
    Trainer trainer(run, &directory);
    ::testing::internal::CaptureStderr();
    trainer.resume();
    EXPECT_TRUE(trainer.run());
    const std::string said = ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(said.find("rollout that updates went on with is given up") != std::string::npos, changed)
        << said;
    return nlohmann::json::parse(read_file(best))["update"].get<int64_t>();
  };
  const auto in_bfloat16 = [&](const fs::path& weights) {
    std::vector<std::pair<std::string, at::Tensor>> tensors;
    {
      const SafetensorsFile file(weights);
      for (const auto& [name, entry] : file.entries())
        tensors.emplace_back(name, file.get(name).to(at::kBFloat16));
    }
    write_safetensors(weights, tensors);
  };
  TinyRun(place, sets).trainer.run();
  auto state = nlohmann::ordered_json::parse(read_file(best));
  state["held_out_reward"] = 1000;  // never beaten
  write_text(best, state.dump());
  EXPECT_EQ(go_on("2", false), 1);
  in_bfloat16(folder / "critic/model.safetensors");
  EXPECT_EQ(go_on("3", true), 3);
  state = nlohmann::ordered_json::parse(read_file(best));
  state["held_out_reward"] = 1000;
  write_text(best, state.dump());
  EXPECT_EQ(go_on("4", false), 3);
  in_bfloat16(folder / "generator/transformer/diffusion_pytorch_model.safetensors");
  EXPECT_EQ(go_on("5", true), 5);
}

// Update 1 is like the base model; from then on all that the adapters make is far from it, and no merit makes
// that the best while a calm one is known.
TEST(Trainer, TheBestIsOneWithoutAnAlarmWhereThereIsOne) {
  const TemporaryFolder folder;
  const fs::path place = folder / "run", best = place / "checkpoints/best/state.json";
  // Every clip is of the same noise: the base model's ranges are the least there are.
  const auto z = normal({7, Purpose::kNoise}, 8 * 2 * 4 * 4);
  write_safetensors(folder / "noise.safetensors", {{"noise", at::tensor(z).view({8, 2, 4, 4})}});
  std::vector<std::string> sets = {"train.eval_every=1", "eval.prompts=2",
                                   "sampling.noise=" + (folder / "noise.safetensors").string(),
                                   "train.updates=1"};
  TinyRun(place, sets).trainer.run();
  const auto kept = [&] { return nlohmann::ordered_json::parse(read_file(best)); };
  const auto say = [&](double merit, bool alarmed) {
    auto state = kept();
    state["held_out_reward"] = merit;
    state["held_out_alarm"] = alarmed;
    write_text(best, state.dump());
  };
  const auto go_on = [&](const char* updates, std::optional<double> adapters) {
    sets.back() = std::string("train.updates=") + updates;
    TinyRun again(place, sets, /*resume=*/true);
    const at::NoGradGuard no_graph;
    if (adapters)
      for (auto [name, tensor] : again.run.trained().parameters()) tensor.fill_(*adapters);
    EXPECT_TRUE(again.trainer.run());
  };
  EXPECT_EQ(kept()["held_out_alarm"], false);
  say(-1000, false);  // any merit is above it
  go_on("2", 20);
  EXPECT_NE(read_file(place / "metrics.jsonl").find("alarm/held_out_"), std::string::npos);
  EXPECT_EQ(kept()["update"], 1);
  say(-1000, true);
  go_on("3", 20);
  EXPECT_EQ(kept()["update"], 3) << "of alarmed ones the better";
  EXPECT_EQ(kept()["held_out_alarm"], true);
  say(1000, true);
  go_on("4", 0);
  EXPECT_EQ(kept()["update"], 4) << "the first without an alarm, whatever its merit";
  EXPECT_EQ(kept()["held_out_alarm"], false);
}

TEST(Trainer, AValidationThatFailsDoesNotEndTheRun) {
  const TemporaryFolder folder;
  const fs::path place = folder / "run";
  const std::vector<std::string> sets = {"train.eval_every=1", "eval.prompts=1", "train.updates=2"};
  TinyRun run(place, sets);
  // The first time the folder of the best checkpoint cannot be made: its name is taken by a file.
  write_text(place / "checkpoints" / concat(".part-best-", ::getpid()), "in the way");
  EXPECT_TRUE(run.trainer.run());
  EXPECT_EQ(adapters_of(place, 2), undisturbed(sets, 2));
  EXPECT_EQ(adapters_of(place, 2), read_file(place / "checkpoints/best/adapters.safetensors"));
}

}  // namespace
}  // namespace drf::train
