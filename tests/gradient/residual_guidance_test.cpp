// Guidance at sampling: what it adds to Euler is the gradient of the residual's norm through the network.
#include "drf/rewards/residual_guidance.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/rewards/residual.h"
#include "tests/support/golden.h"
#include "tests/support/slope.h"

namespace drf::rewards {
namespace {

using testing::close;

fields::FieldConfig poisson() {
  fields::FieldConfig config;
  config.mean = {0.1, 0};
  config.std = {0.5, 0.02};
  config.residual_scale = 0.5;
  return config;
}

const std::vector<float> kSigmas{1.0F, 0.75F, 0.5F, 0.25F, 0.0F};

// A network whose answer depends on its input and on the step.
at::Tensor velocity(const at::Tensor& x, size_t k) {
  return at::tanh(x * (1.0 + static_cast<double>(k))) - 0.5 * x;
}

double norm(const ResidualScore& score, const at::Tensor& latents) {
  const at::Tensor r = residual(score.config().equation, fields_of_latents(score.config(), latents));
  return (r / score.config().residual_scale).flatten(1).norm(2, {1}).sum().item<double>();
}

TEST(ResidualGuidance, WithoutStrengthItIsEuler) {
  const at::Tensor noise = testing::direction(3, at::empty({2, 2, 1, 4, 5}));
  at::Tensor x = noise;
  for (size_t k = 0; k + 1 < kSigmas.size(); ++k) x = x + (kSigmas[k + 1] - kSigmas[k]) * velocity(x, k);
  ResidualGuidance none;
  none.corrections = 3;
  EXPECT_TRUE(sample_guided(noise, kSigmas, velocity, ResidualScore(poisson()), none).equal(x));
}

// Of four steps only k = 3 lies beyond .5 x 4 = 2. Its push, by differences of ||r(x - sigma v(x)) / s||.
TEST(ResidualGuidance, TheLastStepsArePushedAlongTheGradientThroughTheNetwork) {
  const ResidualScore score(poisson());
  const at::Tensor noise = testing::direction(4, at::empty({2, 2, 1, 4, 5})),
                   along = testing::direction(5, noise);
  at::Tensor before = noise;
  for (size_t k = 0; k < 3; ++k) before = before + (kSigmas[k + 1] - kSigmas[k]) * velocity(before, k);
  const auto seen = [&](const at::Tensor& x) { return norm(score, x - kSigmas[3] * velocity(x, 3)); };
  ResidualGuidance guidance;
  guidance.strength = 0.125;
  guidance.from = 0.5;
  const at::Tensor plain = before + (kSigmas[4] - kSigmas[3]) * velocity(before, 3);
  const at::Tensor push = (plain - sample_guided(noise, kSigmas, velocity, score, guidance)) / 0.125;
  testing::expect_slope(seen(before + testing::kStep * along), seen(before - testing::kStep * along),
                        (push * along).sum().item<double>());
}

TEST(ResidualGuidance, CorrectionsLowerTheResidualOfTheSample) {
  const ResidualScore score(poisson());
  const at::Tensor noise = testing::direction(6, at::empty({2, 2, 1, 6, 6}));
  ResidualGuidance guidance;
  guidance.strength = 1e-2;
  guidance.from = 1;
  const double before = norm(score, sample_guided(noise, kSigmas, velocity, score, guidance));
  guidance.corrections = 40;
  const at::Tensor after = sample_guided(noise, kSigmas, velocity, score, guidance);
  EXPECT_LT(norm(score, after), 0.9 * before);
  EXPECT_FALSE(after.requires_grad());
}

}  // namespace
}  // namespace drf::rewards
