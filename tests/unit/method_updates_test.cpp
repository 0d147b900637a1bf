// Each recipe of configs/methods takes updates: on clips as small as they get, with all of its steps.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "drf/train/trainer.h"
#include "tests/support/golden.h"
#include "tests/support/open_run.h"

namespace drf::train {
namespace {

using testing::source_path;

// A recipe on clips as small as they get.
run::RunConfig recipe(const std::filesystem::path& file) {
  const auto asset = [](const char* name) {
    return source_path(std::string("assets/tiny/") + name).string();
  };
  run::RunConfig config = run::load_config(
      file,
      {"generator.path=" + asset("generator"), "critic.path=" + asset("critic"),
       "prompts.train=" + asset("prompts.txt"), "prompts.held_out=" + asset("held_out.txt"),
       "questions.templates=" + asset("questions.json"), "sampling.frames=5", "sampling.width=16",
       "sampling.height=16", "train.updates=2", "train.batch=4", "train.warmup=0"},
      run::known_policies());
  if (config.group() == 1) config.train.batch = 1;
  return config;
}

TEST(Methods, EachRecipeTakesUpdatesThatMoveTheAdapters) {
  size_t recipes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("configs/methods"))) {
    const std::string name = entry.path().stem().string();
    const auto opened = testing::open_run(recipe(entry.path()));
    std::vector<at::Tensor> before;
    for (const auto& [key, leaf] : opened->trained().parameters()) before.push_back(leaf.detach().clone());
    Trainer trainer(*opened, /*directory=*/nullptr);
    EXPECT_TRUE(trainer.run([&](const UpdateStats& stats) {
      EXPECT_FALSE(stats.skipped) << name;
      EXPECT_TRUE(std::isfinite(stats.reward)) << name;
      EXPECT_GT(stats.grad_norm, 0) << name << ", update " << stats.update;
    })) << name;
    size_t moved = 0;
    for (size_t i = 0; i < before.size(); ++i)
      moved += opened->trained().parameters()[i].second.equal(before[i]) ? 0 : 1;
    EXPECT_GT(moved, 0u) << name;
    ++recipes;
  }
  EXPECT_GE(recipes, 14u);
}

TEST(Methods, AFirstFrameRewardSeesTheFirstFrameAlone) {
  const auto opened = testing::open_run(recipe(source_path("configs/methods/first-frame.toml")));
  const flow::Batch batch = opened->batches().of(rewards::Split::kTrain, {{0, 0}}, Purpose::kNoise);
  const at::Tensor d_frames = opened->objective().accumulate(batch, 1).judgement.d_frames;
  ASSERT_EQ(d_frames.size(1), 5);
  EXPECT_GT(d_frames.select(1, 0).abs().max().item<double>(), 0);
  EXPECT_EQ(d_frames.narrow(1, 1, 4).abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace drf::train
