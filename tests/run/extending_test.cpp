// The generator and the reward of docs/extending.md: compiled from the page, driven by the objective where
// everything is known in closed form, and trained by the program that has them.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "drf/base/files.h"
#include "drf/flow/rollout.h"
#include "drf/models/toy/network.h"
#include "drf/nn/adamw.h"
#include "drf/nn/lora.h"
#include "drf/objectives/direct_backprop.h"
#include "drf/rewards/open_rewards.h"
#include "drf/tensor/safetensors.h"
#include "tests/run/drf_process.h"
#include "tests/support/expect_error.h"
#include "tests/support/slope.h"
#include "tests/support/temporary_folder.h"

namespace drf::testing {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kPatch = 4;
constexpr double kDeviation = 0.2;
const std::vector<std::string> kPrompts = {"a red wall", "the blue sea"};
const std::vector<std::array<double, 3>> kColours = {{0.9, 0.1, 0.1}, {0.1, 0.2, 0.9}};  // the page's

/// `module` with weights that keep the size of what they are given, into a file.
void write_weights(nn::Module& module, const fs::path& file) {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const nn::NamedParameter& p : module.named_parameters()) {
    const auto index = static_cast<uint32_t>(tensors.size());
    const double inputs = p.tensor->dim() == 2 ? static_cast<double>(p.tensor->size(1)) : 16;
    const double size = p.name.starts_with("mean.") ? 0.1 : 1;  // colours near grey
    tensors.emplace_back(
        p.name, (direction(index, at::zeros(p.tensor->sizes())) * size / std::sqrt(inputs)).to(at::kFloat));
  }
  fs::create_directories(file.parent_path());
  write_safetensors(file, tensors);
}

/// A folder as the page describes it, odd in every number.
void write_generator(const fs::path& folder) {
  const nlohmann::json config = {{"_class_name", "ToyTransformer"},
                                 {"text_width", 7},
                                 {"width", 13},
                                 {"num_layers", 3},
                                 {"patch", kPatch},
                                 {"deviation", kDeviation}};
  const auto index =
      R"({"_class_name": "ToyPipeline", "scheduler": ["diffusers", "FlowMatchEulerDiscreteScheduler"],
      "text_encoder": ["drf", "ToyTextEncoder"], "transformer": ["drf", "ToyTransformer"]})";
  write_text(folder / "model_index.json", index);
  write_text(folder / "scheduler" / "scheduler_config.json",
             R"({"_class_name": "FlowMatchEulerDiscreteScheduler", "shift": 3.0})");
  write_text(folder / "transformer" / "config.json", config.dump());
  const toy::Config c = toy::Config::read(JsonConfig(config, "config"));
  toy::TextEncoder encoder(c);
  toy::Network network(c);
  write_weights(encoder, folder / "text_encoder" / "model.safetensors");
  write_weights(network, folder / "transformer" / "diffusion_pytorch_model.safetensors");
}

rewards::RewardSpec colour() {
  rewards::RewardSpec spec;
  spec.kind = "colour";
  return spec;
}

/// Where Euler steps carry x = noise: x_0 = noise x this + the rest, which is the prompt's. Of the velocity
/// slope (x - (1 - sigma) m) - m.
double noise_left(const diffusion::Schedule& schedule) {
  double factor = 1;
  for (size_t k = 0; k + 1 < schedule.sigmas.size(); ++k) {
    const double sigma = schedule.sigmas[k], s2 = kDeviation * kDeviation;
    const double slope = (sigma - (1 - sigma) * s2) / (sigma * sigma + (1 - sigma) * (1 - sigma) * s2);
    factor *= 1 + (schedule.sigmas[k + 1] - sigma) * slope;
  }
  return factor;
}

class Extending : public ::testing::Test {
 protected:
  void SetUp() override { write_generator(folder_ / "toy"); }
  TemporaryFolder folder_;
};

/// Generator, adapters, reward and objective, in float64.
struct Parts {
  explicit Parts(const fs::path& folder, int64_t K)
      : generator(open(folder)),
        reward(rewards::open_reward(colour(), rewards::RewardSources())),
        schedule(generator.denoiser->schedule({diffusion::EulerLevels::kFlow, 4, 3.0})),
        shape(generator.denoiser->latent_shape({3, 2 * kPatch, 5 * kPatch})),
        denoiser(*generator.denoiser, trained, {}),
        parking({}, flow::Park::kOff),
        scorer(generator.decoder.get(), {{"colour", 1, reward.get()}}, {flow::Recompute::kBlock}, parking),
        noise(0, shape, at::TensorOptions(at::kDouble)),
        parts{denoiser, scorer, parking, schedule, noise},
        objective(parts, options(K)) {
    nn::Module& root = *generator.denoiser->components().front().root;
    nn::attach_lora(root, {4, 4, {"read", "up", "down", "mean"}}, 0);
    nn::add_lora(trained, root);
  }
  static models::Generator open(const fs::path& folder) {
    models::ModelOptions options;
    options.load.dtype = at::kDouble;
    return models::open_generator(folder, options);
  }
  static objectives::DirectBackpropOptions options(int64_t K) {
    objectives::DirectBackpropOptions options;
    options.policy.K = K;
    return options;
  }
  /// `clips` of each prompt.
  flow::Batch batch(int64_t clips) {
    flow::Batch batch;
    for (int64_t i = 0; i < clips * static_cast<int64_t>(kPrompts.size()); ++i) {
      const int64_t prompt = i / clips;
      batch.samples.push_back({rewards::Split::kTrain, prompt, i % clips, kPrompts.at(prompt)});
      batch.conditions.push_back(generator.denoiser->encode(batch.samples.back().text));
    }
    batch.noise_BCTHW = noise.start(batch.samples, Purpose::kNoise);
    return batch;
  }
  double reward_of(const flow::Batch& batch) {
    return scorer.sum_of(flow::sample(parts, batch), batch.samples);
  }

  models::Generator generator;
  nn::TrainableSet trained;
  std::unique_ptr<rewards::Reward> reward;
  diffusion::Schedule schedule;
  std::vector<int64_t> shape;
  flow::GuidedDenoiser denoiser;
  flow::Parking parking;
  flow::Scorer scorer;
  flow::Noise noise;
  flow::Parts parts;
  objectives::DirectBackprop objective;
};

TEST_F(Extending, TheGradientEqualsFiniteDifferences) {
  Parts p(folder_ / "toy", /*K=*/4);
  const at::NoGradGuard no_graph;
  uint32_t index = 100;
  for (const auto& [name, leaf] : p.trained.parameters()) leaf.add_(direction(index++, leaf), 0.1);
  const flow::Batch batch = p.batch(2);
  p.objective.accumulate(batch, /*scale=*/1);
  ASSERT_EQ(p.trained.parameters().size(), 2u * (1 + 3 * 2 + 1));
  for (const auto& [name, leaf] : p.trained.parameters()) {
    SCOPED_TRACE(name);
    const at::Tensor along = direction(index++, leaf);
    const double analytic = (leaf.grad() * along).sum().item<double>();
    leaf.add_(along, kStep);
    const double plus = p.reward_of(batch);
    leaf.sub_(along, 2 * kStep);
    const double minus = p.reward_of(batch);
    leaf.add_(along, kStep);
    expect_slope(plus, minus, analytic);
  }
}

TEST_F(Extending, TrainingReachesTheClosedForm) {
  Parts p(folder_ / "toy", /*K=*/2);
  const flow::Batch batch = p.batch(3);
  // What adapters can move is the colour of a prompt. At the best one each channel's mean over the prompt's
  // clips is the wanted one, and the noise that is left is the distance.
  const at::Tensor left_PBCX = noise_left(p.schedule) * batch.noise_BCTHW.view({2, 3, 3, -1});
  const at::Tensor centred = left_PBCX - left_PBCX.mean(at::IntArrayRef{1, 3}, /*keepdim=*/true);
  const double best = -centred.square().mean().item<double>();

  nn::AdamW optimizer(p.trained.parameters(), {0.7, 0.9});  // nothing is random here
  double first = 0, last = 0;
  constexpr int64_t kUpdates = 60;
  for (int64_t update = 0; update < kUpdates; ++update) {
    for (const auto& [name, leaf] : p.trained.parameters()) leaf.mutable_grad() = at::Tensor();
    const auto outcome = p.objective.accumulate(batch, -1.0 / 6);
    last = outcome.judgement.rewards_B.mean().item<double>();
    if (update == 0) first = last;
    optimizer.step(0.05 * (1 - static_cast<double>(update) / kUpdates));
    p.objective.commit(false);
  }
  EXPECT_LT(first, 4 * best) << "nothing is left to learn";
  EXPECT_NEAR(last, best, 1e-4 * std::abs(best));
  const auto facts =
      flow::evaluate(p.parts, batch, flow::Pixels::kAsTheyAre).judgement.by_name.at("colour").facts;
  for (const char* channel : {"red", "green", "blue"}) {
    const size_t c = channel == std::string("red") ? 0 : channel == std::string("green") ? 1 : 2;
    for (size_t prompt = 0; prompt < kPrompts.size(); ++prompt) {
      double mean = 0;
      for (size_t clip = 0; clip < 3; ++clip) mean += facts[3 * prompt + clip].at(channel).sum / 3;
      EXPECT_NEAR(mean, kColours[prompt][c], 3e-4) << kPrompts[prompt] << ", " << channel;
    }
  }
}

TEST_F(Extending, WhatDoesNotFitIsRefused) {
  const models::Generator generator = Parts::open(folder_ / "toy");
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig,
                            [&] {
                              generator.denoiser->latent_shape({1, 10, 16});
                            }),
                   "width x height is 16x10, must be multiples of 4: use 16x8"));
  const auto reward = rewards::open_reward(colour(), rewards::RewardSources());
  EXPECT_TRUE(says(error_of(ErrorKind::kInput,
                            [&] {
                              reward->check_prompts({"a red wall", "a dog"});
                            }),
                   "the prompt \"a dog\" names no colour"));
}

/// A run of the program that has both.
class ExtendedRun : public Extending {
 protected:
  void SetUp() override {
    Extending::SetUp();
    write_text(folder_ / "p.txt", kPrompts[0] + "\n" + kPrompts[1] + "\n");
    write_text(folder_ / "c.toml", "seed = 0\n[generator]\npath = \"" + (folder_ / "toy").string() +
                                       "\"\ndtype = \"float32\"\n[prompts]\ntrain = \"" +
                                       (folder_ / "p.txt").string() + "\"\nheld_out = \"" +
                                       (folder_ / "p.txt").string() + R"("
[[rewards]]
kind = "colour"
[sampling]
frames = 3
width = 20
height = 8
steps = 4
guidance = 2.0
[flow]
K = 2
[lora]
rank = 4
targets = ["read", "up", "down", "mean"]
[train]
updates = 60
batch = 4
lr = 0.02
lr_final = 0.02
warmup = 0
checkpoint_every = 30
[output]
dir = ")" + (folder_ / "run").string() +
                                       "\"\n");
  }
  Outcome drf(const std::string& command, const std::vector<std::string>& more = {}) {
    std::vector<std::string> all = {command, (folder_ / "c.toml").string()};
    all.insert(all.end(), more.begin(), more.end());
    return run_drf(all);
  }
  std::vector<nlohmann::json> metrics() {
    std::istringstream lines(read_file(folder_ / "run" / "metrics.jsonl"));
    std::vector<nlohmann::json> rows;
    for (std::string line; std::getline(lines, line);) rows.push_back(nlohmann::json::parse(line));
    return rows;
  }
};

TEST_F(ExtendedRun, TrainsShowsSavesAndSamples) {
  const Outcome outcome = drf("train");
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const auto rows = metrics();
  ASSERT_EQ(rows.size(), 60u);
  // Of fresh noise: what is left of it in every number, plus what a batch's colours miss by chance.
  const diffusion::Schedule schedule = diffusion::euler_schedule({diffusion::EulerLevels::kFlow, 4, 3.0});
  const double best = -std::pow(noise_left(schedule), 2);
  double last = 0;
  for (size_t i = 50; i < 60; ++i) last += rows[i]["reward"].get<double>() / 10;
  EXPECT_LT(rows[0]["reward"].get<double>(), 4 * best);
  EXPECT_NEAR(last, best, 0.15 * std::abs(best)) << "ten batches of 4 clips are 3600 numbers: 2 %";
  EXPECT_EQ(rows.back()["reward/colour"], rows.back()["reward"]);
  for (const char* fact : {"red", "green", "blue"}) EXPECT_TRUE(rows.back().contains(fact)) << rows.back();
  for (const char* stage : {"rollout_s", "critic_s", "pull_steps_s"})
    EXPECT_TRUE(rows.back().contains(stage)) << rows.back();

  // A run that goes on from its checkpoint ends with the same bits.
  const std::string adapters = "checkpoints/step-000060/adapters.safetensors";
  const std::string bytes = read_file(folder_ / "run" / adapters);
  fs::remove_all(folder_ / "run" / "checkpoints" / "step-000060");
  const Outcome again = drf("train", {"--resume"});
  ASSERT_EQ(again.code, 0) << again.err;
  EXPECT_TRUE(read_file(folder_ / "run" / adapters) == bytes);

  // The file of adapters, read by another command, draws the colour.
  const auto blue_of = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = {"sample",
                                    "--model",
                                    (folder_ / "toy").string(),
                                    "--prompt",
                                    kPrompts[1],
                                    "--frames",
                                    "3",
                                    "--size",
                                    "20x8",
                                    "--steps",
                                    "4",
                                    "--guidance",
                                    "2",
                                    "--schedule",
                                    "flow",
                                    "--sampler",
                                    "euler",
                                    "--save-frames",
                                    (folder_ / "f.safetensors").string()};
    all.insert(all.end(), more.begin(), more.end());
    const Outcome sampled = run_drf(all);
    EXPECT_EQ(sampled.code, 0) << sampled.err;
    const at::Tensor frames = SafetensorsFile(folder_ / "f.safetensors").get("frames");
    return frames.mean(at::IntArrayRef{0, 2, 3});
  };
  const at::Tensor wanted = at::tensor({0.1, 0.2, 0.9});
  EXPECT_GT((blue_of({}) - wanted).abs().max().item<double>(), 0.2);
  EXPECT_LT((blue_of({"--lora", (folder_ / "run" / adapters).string()}) - wanted).abs().max().item<double>(),
            0.1);
}

TEST_F(ExtendedRun, EveryWeightCanBeTrained) {
  std::string config = read_file(folder_ / "c.toml");
  const size_t from = config.find("[lora]");
  config.erase(from, config.find("[train]") - from);
  write_text(folder_ / "c.toml", config);
  const Outcome outcome =
      drf("train", {"--set", "train.weights=\"full\"", "--set", "train.ema=0.5", "--set", "train.updates=2"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const fs::path weights = folder_ / "run" / "checkpoints" / "step-000002" / "transformer";
  fs::remove_all(folder_ / "toy" / "transformer");
  fs::copy(weights, folder_ / "toy" / "transformer");  // the folder that it makes takes the place of the old
  EXPECT_NO_THROW(Parts::open(folder_ / "toy"));
}

TEST_F(ExtendedRun, IsPlannedCheckedCountedAndEvaluated) {
  const Outcome plan = drf("plan");
  ASSERT_EQ(plan.code, 0) << plan.err;
  EXPECT_NE(plan.out.find("pull_steps"), std::string::npos) << plan.out;
  const Outcome check = drf("selfcheck", {"--json"});
  EXPECT_EQ(check.code, 0) << check.out << check.err;
  EXPECT_EQ(check.out.find("\"fail\""), std::string::npos) << check.out;
  const Outcome bench = drf("bench", {"--json", "--updates", "1"});
  EXPECT_EQ(bench.code, 0) << bench.err;
  EXPECT_NE(bench.out.find("\"pull_steps\""), std::string::npos) << bench.out;
  ASSERT_EQ(drf("train", {"--set", "train.updates=2"}).code, 0);
  const Outcome eval =
      drf("eval",
          {"--lora", (folder_ / "run" / "checkpoints" / "step-000002" / "adapters.safetensors").string()});
  EXPECT_EQ(eval.code, 0) << eval.err;
  EXPECT_NE(eval.out.find("colour"), std::string::npos) << eval.out;
  const Outcome report = run_drf({"report", (folder_ / "run").string()});
  EXPECT_EQ(report.code, 0) << report.err;
  const Outcome inspected = run_drf({"inspect", (folder_ / "toy").string()});
  EXPECT_NE(inspected.out.find("ToyTransformer"), std::string::npos) << inspected.out;
}

TEST_F(ExtendedRun, BadInputIsRefusedInOneLine) {
  EXPECT_TRUE(
      refused(drf("train", {"--set", "sampling.width=18"}), 2, {"must be multiples of 4", "use 16x8"}));
  EXPECT_TRUE(refused(drf("train", {"--set", "rewards.0.path=\"x\""}), 2,
                      {"rewards.0.path is set, but a reward of kind \"colour\" never reads it"}));
  EXPECT_TRUE(refused(drf("train", {"--set", "rewards.0.kind=\"color\""}), 2,
                      {"wanted one of [vlm, clip, residual, colour", "did you mean \"colour\"?"}));
  EXPECT_TRUE(
      refused(drf("train", {"--set", "sampling.guidance_2=3"}), 2, {"one transformer", "guidance_2"}));
  write_text(folder_ / "p.txt", "a red wall\na dog\n");
  EXPECT_TRUE(refused(drf("train"), 3, {"the prompt \"a dog\" names no colour"}));
  fs::remove(folder_ / "toy" / "text_encoder" / "model.safetensors");
  write_text(folder_ / "p.txt", kPrompts[0]);
  EXPECT_TRUE(refused(drf("train"), 3, {"text_encoder", "model.safetensors"}));
}

}  // namespace
}  // namespace drf::testing
