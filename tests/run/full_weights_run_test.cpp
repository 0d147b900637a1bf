// Full weights and averages from outside: what drf train leaves of them, goes on with, and shows.
#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "drf/base/files.h"
#include "drf/tensor/safetensors.h"
#include "tests/run/tiny_train.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

// The recipe says something about adapters.
const Arguments kFull = {"train.weights=full", "lora.rank=32", "lora.alpha=32", "train.lr=1e-3",
                         "train.warmup=0"};
const char* const kFile = "diffusion_pytorch_model.safetensors";
const char* const kWeights = "transformer/diffusion_pytorch_model.safetensors";
const char* const kAverage = "transformer_ema/diffusion_pytorch_model.safetensors";

std::vector<at::Tensor> tensors(const fs::path& path) {
  const SafetensorsFile file(path);
  std::vector<at::Tensor> all;
  for (const auto& [name, entry] : file.entries()) all.push_back(file.get(name).clone());
  return all;
}

void expect_same_files(const fs::path& a, const fs::path& b, int step,
                       const std::vector<const char*>& files) {
  for (const char* file : files)
    EXPECT_TRUE(read_file(checkpoint(a, step, file)) == read_file(checkpoint(b, step, file))) << file;
}

TEST(FullWeightsRun, GoesOnToTheSameBitsInFloat32AndInHalf) {
  for (const char* dtype : {"float32", "bfloat16"}) {
    SCOPED_TRACE(dtype);
    const TemporaryFolder folder;
    const Arguments settings = joined(kFull, {std::string("generator.dtype=") + dtype, "train.ema=0.7"});
    const auto run = [&](const char* name, const char* updates, const Arguments& more = {}) {
      const Outcome o = train(folder / name, joined(settings, {updates, "train.checkpoint_every=2"}), more);
      EXPECT_EQ(o.code, 0) << o.err;
      return o.out;
    };
    EXPECT_EQ(run("whole", "train.updates=4"),
              checkpoint(folder / "whole", 4, "transformer").string() + "\n");
    run("parts", "train.updates=2");
    run("parts", "train.updates=4", {"--resume"});
    expect_same_files(folder / "whole", folder / "parts", 4, {kWeights, kAverage, "optimizer.safetensors"});
    EXPECT_EQ(read_file(checkpoint(folder / "whole", 4, "transformer/config.json")),
              read_file(fs::path(generator()) / "transformer/config.json"));
    for (const at::Tensor& t : tensors(checkpoint(folder / "whole", 4, kWeights)))
      EXPECT_EQ(t.scalar_type(), at::kFloat);
    // The average is between where training began and where it is.
    const auto began = tensors(fs::path(generator()) / kWeights),
               now = tensors(checkpoint(folder / "whole", 4, kWeights)),
               average = tensors(checkpoint(folder / "whole", 4, kAverage));
    double moved = 0, behind = 0;
    for (size_t i = 0; i < now.size(); ++i) {
      moved += (now[i] - began[i].to(at::kFloat)).square().sum().item<double>();
      behind += (now[i] - average[i]).square().sum().item<double>();
    }
    EXPECT_GT(behind, .01 * moved);
    EXPECT_LT(behind, moved);
  }
}

// A checkpoint of which a bit was lost is not gone on with.
TEST(FullWeightsRun, ADamagedFolderIsNoticed) {
  const TemporaryFolder folder;
  const fs::path run = folder / "run";
  ASSERT_EQ(train(run, joined(kFull, {"train.updates=2", "train.checkpoint_every=1"})).code, 0);
  const fs::path file = checkpoint(run, 2, kWeights);
  std::string bytes = read_file(file);
  bytes.back() ^= 1;
  write_text(file, bytes);
  const Outcome o = train(run, joined(kFull, {"train.updates=3"}), {"--resume"});
  EXPECT_EQ(o.code, 0) << o.err;
  EXPECT_NE(o.err.find("its bytes are not those that were saved"), std::string::npos) << o.err;
  EXPECT_TRUE(fs::exists(run / "checkpoints/damaged-step-000002"));
}

nlohmann::json evaluated(const Arguments& settings, const Arguments& more) {
  const Outcome o =
      run_drf(joined(tiny_config("eval", joined(settings, {"eval.prompts=2"})), joined(more, {"--json"})));
  EXPECT_EQ(o.code, 0) << o.err;
  return o.code == 0 ? nlohmann::json::parse(o.out) : nlohmann::json();
}

// What a validation shows is what drf eval says of the average in the checkpoint: of weights and of adapters.
TEST(FullWeightsRun, ValidationsShowTheAverage) {
  const struct {
    Arguments settings;
    const char *option, *raw, *average;
  } cases[] = {
      {kFull, "--weights", "transformer", "transformer_ema"},
      {{"train.lr=1e-2", "train.warmup=0"}, "--lora", "adapters.safetensors", "adapters_ema.safetensors"}};
  for (const auto& c : cases) {
    SCOPED_TRACE(c.option);
    const TemporaryFolder folder;
    const fs::path run = folder / "run";
    const Outcome o = train(run, joined(c.settings, {"train.updates=3", "train.eval_every=3", "train.ema=0.6",
                                                     "eval.prompts=2", "train.checkpoint_every=3"}));
    ASSERT_EQ(o.code, 0) << o.err;
    const double shown = metrics(run).back()["held_out_reward"];
    const auto of = [&](const char* file) {
      return evaluated(c.settings, {c.option, checkpoint(run, 3, file).string()})["after"]["reward"]
          .get<double>();
    };
    EXPECT_NEAR(of(c.average), shown, 1e-9 * std::abs(shown));
    EXPECT_GT(std::abs(of(c.raw) - shown), 1e-6 * std::abs(shown)) << "the two do not differ";
    for (const char* file : {c.raw, c.average}) {  // the best holds both, each under its own name
      fs::path best = run / "checkpoints/best" / file, step = checkpoint(run, 3, file);
      if (fs::is_directory(step)) best /= kFile, step /= kFile;
      EXPECT_TRUE(read_file(best) == read_file(step)) << file;
    }
  }
}

TEST(FullWeightsRun, AnAverageChangesNothingOfTheRunItself) {
  const TemporaryFolder folder;
  ASSERT_EQ(train(folder / "without", {"train.updates=3"}).code, 0);
  ASSERT_EQ(train(folder / "with", {"train.updates=3", "train.ema=0.9"}).code, 0);
  expect_same_run(folder / "without", folder / "with", 3);
  EXPECT_FALSE(fs::exists(checkpoint(folder / "without", 3, "adapters_ema.safetensors")));
  // An adapter file like the other, alpha included.
  const SafetensorsFile raw(checkpoint(folder / "with", 3)),
      average(checkpoint(folder / "with", 3, "adapters_ema.safetensors"));
  EXPECT_EQ(raw.metadata(), average.metadata());
  EXPECT_EQ(raw.entries().size(), average.entries().size());
}

TEST(FullWeightsRun, WhatDoesNotGoTogetherIsRefused) {
  const TemporaryFolder folder;
  const std::string nowhere = (folder / "nowhere").string();
  const auto eval = [&](const Arguments& settings, const Arguments& more) {
    return run_drf(joined(tiny_config("eval", settings), more));
  };
  EXPECT_TRUE(refused(train(folder / "run", {"train.weights=full"}), 2,
                      {"lora.rank is set, but train.weights = \"full\" trains no adapters"}));
  EXPECT_TRUE(
      refused(train(folder / "run", joined(kFull, {"output.comfyui=true"})), 2, {"output.comfyui is set"}));
  EXPECT_TRUE(refused(train(folder / "run", {"train.weights=fully"}), 2,
                      {"train.weights is \"fully\"", "did you mean \"full\"?"}));
  EXPECT_TRUE(
      refused(train(folder / "run", {"train.ema=1"}), 2, {"train.ema is 1, wanted a decay in [0, 1)"}));
  EXPECT_TRUE(
      refused(eval(kFull, {"--lora", nowhere}), 2, {"--lora is given, but train.weights is \"full\""}));
  EXPECT_TRUE(
      refused(eval({}, {"--weights", nowhere}), 2, {"--weights is given, but train.weights is \"lora\""}));
  EXPECT_TRUE(refused(eval(kFull, {}), 2, {"--lora", "--weights"}));
  EXPECT_TRUE(refused(eval(kFull, {"--weights", nowhere}), 3, {nowhere}));
  const std::string fields = source_path("assets/fields/transformer").string();
  EXPECT_TRUE(refused(eval(kFull, {"--weights", fields}), 3, {"diffusion_pytorch_model.safetensors"}));
  EXPECT_TRUE(refused(run_drf(tiny_sample(generator(), {"--weights", fields, "--save-latents", nowhere})), 3,
                      {"diffusion_pytorch_model.safetensors"}));
  ASSERT_EQ(train(folder / "run", {"train.updates=1"}).code, 0);
  EXPECT_TRUE(refused(train(folder / "run", joined(kFull, {"train.updates=1"}), {"--resume"}), 2,
                      {"a resumed run goes on as it began", "is now"}));
}

}  // namespace
}  // namespace drf::testing
