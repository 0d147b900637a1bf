#pragma once
// Rule matching where everything is known in closed form: a generator of N(mu, s^2), a reward linear in the
// clip.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <vector>

#include "drf/nn/lora.h"
#include "drf/objectives/matching.h"
#include "tests/support/slope.h"

namespace drf::objectives {

using drf::testing::direction;

constexpr double kS = 0.5;  // standard deviation
constexpr double kBeta = 0.7;
constexpr int64_t kD = 3;  // numbers in a clip

inline at::Tensor row(const std::vector<double>& values) {
  return at::tensor(values, at::kDouble).view({1, kD, 1, 1, 1});
}
inline at::Tensor mu() { return row({0.3, -0.2, 0.5}); }
inline at::Tensor c() { return row({1.0, -2.0, 0.5}); }

inline double variance(double sigma) { return sigma * sigma + (1 - sigma) * (1 - sigma) * kS * kS; }
inline double slope(double sigma) { return (sigma - (1 - sigma) * kS * kS) / variance(sigma); }

// The velocity that carries noise to N(mu, s^2), plus an adapter on the features (1 - sigma) and (1 - sigma)
// text: a prompt is one number.
class GaussianDenoiser : public models::Denoiser {
 public:
  GaussianDenoiser() {
    for (const nn::NamedParameter& parameter : root_.named_parameters())
      *parameter.tensor = at::zeros(parameter.tensor->sizes(), at::kDouble);
    nn::attach_lora(root_, {1, 1, {"tilt"}}, 0);
    nn::add_lora(trained, root_);
    const at::NoGradGuard no_graph;
    root_.tilt.lora_A().fill_(1);
  }
  models::Condition encode(const std::string&) override {
    return {{{"text", at::zeros({1, 1, 1}, at::kDouble)}}};
  }
  int64_t text_tokens(const std::string&) const override { return 1; }
  models::Condition prepare(const std::vector<models::Condition>& rows, const nn::BlockRunner&,
                            size_t) override {
    std::vector<at::Tensor> text;
    for (const models::Condition& row : rows) text.push_back(row.get("text"));
    return {{{"text", at::cat(text)}}};
  }
  at::Tensor velocity(const at::Tensor& x, double timestep, const models::Condition& prepared,
                      const nn::BlockRunner&) override {
    const double sigma = timestep / 1000;
    const at::Tensor text_B1 = prepared.get("text").view({-1, 1});
    const at::Tensor features = at::cat({at::ones_like(text_B1), text_B1}, 1) * (1 - sigma);
    const at::Tensor moved = root_.tilt.forward(features).view({-1, kD, 1, 1, 1});
    return slope(sigma) * (x - (1 - sigma) * mu()) - mu() + moved;
  }
  models::Flops velocity_flops(at::IntArrayRef, double, const models::Condition&) const override {
    return {};
  }
  double guidance(double) const override { return scale; }
  diffusion::Schedule schedule(const diffusion::ScheduleOptions& options) const override {
    return diffusion::euler_schedule(options);
  }
  std::vector<int64_t> latent_shape(const models::Size&) const override { return {kD, 1, 1, 1}; }
  models::Size nearest(const models::Size& size) const override { return size; }
  std::vector<models::Component> components() override { return {{"root", &root_, {}}}; }
  nn::Linear& tilt() { return root_.tilt; }
  nn::TrainableSet trained;
  double scale = 1;  // of guidance

 private:
  struct Root : nn::Module {
    Root() : tilt(2, kD, /*bias=*/false) { register_module("tilt", tilt); }
    nn::Linear tilt;
  } root_;
};

class IdentityDecoder : public models::Decoder {
 public:
  at::Tensor decode(const at::Tensor& latents, nn::Graph) override { return latents; }
  models::Flops flops(at::IntArrayRef) const override { return {}; }
};

class LinearReward : public rewards::Reward {
 public:
  bool sees_frames() const override { return true; }
  int scored = 0;
  rewards::Score score(const at::Tensor& frames, const std::vector<rewards::Sample>& samples) override {
    ++scored;
    rewards::Score score;
    score.total_B = (frames * c()).flatten(1).sum(1);
    score.parts.resize(samples.size());
    return score;
  }
};

class MatchingRule : public ::testing::Test {
 public:
  // The objective on its parts.
  struct Matched {
    Matched(MatchingRule& test, int64_t steps, MatchingOptions options, const flow::Guidance& guidance = {})
        : schedule(test.denoiser.schedule({diffusion::EulerLevels::kFlow, steps, 1.5})),
          denoiser(test.denoiser, test.denoiser.trained, guidance),
          parking({}, flow::Park::kOff),
          scorer(&test.decoder, test.rewards, {}, parking),
          noise(0, {kD, 1, 1, 1}, at::TensorOptions(at::kDouble)),
          parts{denoiser, scorer, parking, schedule, noise},
          objective(parts, options) {}
    double loss(const flow::Batch& batch, double scale) {
      return objective.accumulate(batch, scale).penalties.at("matching_loss");
    }
    diffusion::Schedule schedule;
    flow::GuidedDenoiser denoiser;
    flow::Parking parking;
    flow::Scorer scorer;
    flow::Noise noise;
    flow::Parts parts;
    Matching objective;
  };
  static MatchingOptions options(int64_t matched = 0) { return {kBeta, 1, matched}; }
  double text = 0;  // the prompt; the empty one is 0
  flow::Batch input(int64_t clips, uint32_t index) {
    flow::Batch input;
    const models::Condition condition{{{"text", at::full({1, 1, 1}, text, at::kDouble)}}};
    input.conditions.assign(static_cast<size_t>(clips), condition);
    input.unconditional = {{{"text", at::zeros({1, 1, 1}, at::kDouble)}}};
    input.noise_BCTHW = direction(index, at::zeros({clips, kD, 1, 1, 1}));
    input.samples.resize(static_cast<size_t>(clips));
    return input;
  }
  // Gradient descent on the matching loss.
  void train(const MatchingOptions& o, int64_t updates, const flow::Guidance& guidance = {}) {
    Matched matched(*this, 8, o, guidance);
    for (int64_t update = 0; update < updates; ++update) {
      flow::Batch in = input(4, static_cast<uint32_t>(update));
      in.update = update;
      matched.objective.accumulate(in, -1.0 / 4);
      const at::NoGradGuard no_graph;
      for (at::Tensor tensor : denoiser.trained.standing(flow::Take::kAsTheyStand)) {
        tensor.sub_(tensor.grad(), 0.1);
        tensor.mutable_grad() = at::Tensor();
      }
    }
  }
  void expect_tilted_velocity(double text = 0) {
    const at::Tensor x = direction(7, at::zeros({5, kD, 1, 1, 1}));
    for (const double sigma : {0.1, 0.5, 0.9}) {
      const at::Tensor v =
          denoiser.velocity(x, 1000 * sigma, {{{"text", at::full({1, 1, 1}, text, at::kDouble)}}}, {})
              .detach();
      const at::Tensor base = slope(sigma) * (x - (1 - sigma) * mu()) - mu();
      EXPECT_LT((v - base + kBeta * (1 - sigma) * c()).abs().max().item<double>(), 1e-6) << sigma;
    }
  }

  GaussianDenoiser denoiser;
  IdentityDecoder decoder;
  LinearReward reward;
  std::vector<flow::Term> rewards{{"linear", 1, &reward}};
};

}  // namespace drf::objectives
