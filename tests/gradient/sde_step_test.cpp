// Steps that add noise: their density in float64 against its own definition and finite differences, and the
// distributions that they keep, on a Gaussian that is known at every level.
#include "drf/diffusion/sde_step.h"

#include <gtest/gtest.h>

#include <cmath>

#include "drf/diffusion/sampler.h"
#include "tests/support/slope.h"

namespace drf::diffusion {
namespace {

using testing::direction;
using testing::expect_slope;
using testing::kStep;

Schedule levels(int64_t steps) { return euler_schedule({EulerLevels::kFlow, steps, 3}); }

TEST(SdeStep, WithoutNoiseIsTheStepOfTheOde) {
  const Schedule schedule = levels(8);
  const at::Tensor x = direction(1, at::zeros({2, 3, 1, 2, 2})), v = direction(2, x);
  for (int64_t k = 0; k + 1 < schedule.steps(); ++k) {
    const SdeStep step = sde_step(schedule, k, 0);
    EXPECT_EQ(step.variance, 0);
    EXPECT_TRUE(step.mean(x, v).equal(euler_step(schedule, x, v, k, k + 1))) << k;
    EXPECT_FALSE(sde_step(schedule, k, 0.7).mean(x, v).equal(euler_step(schedule, x, v, k, k + 1))) << k;
  }
}

TEST(SdeStep, IsWhatTheHeaderSays) {
  const Schedule schedule = levels(5);
  const double x = 0.3, v = -1.7, noise = 0.7;
  for (int64_t k = 0; k < 4; ++k) {
    const double sigma = schedule.sigmas[k], below = std::min(schedule.sigmas[k], schedule.sigmas[1]);
    const double delta = static_cast<double>(schedule.sigmas[k] - schedule.sigmas[k + 1]);
    const double c = noise * std::sqrt(sigma / (1 - below));
    const SdeStep step = sde_step(schedule, k, noise);
    EXPECT_NEAR(step.to_x * x + step.to_v * v, x - delta * (v + c * c / (2 * sigma) * (x + (1 - sigma) * v)),
                1e-12);
    EXPECT_NEAR(step.variance, c * c * delta, 1e-12);
  }
}

TEST(SdeStep, TheDensityIsTheGaussiansAndItsGradientIsThatOfFiniteDifferences) {
  const SdeStep step = sde_step(levels(6), 2, 0.7);
  const at::Tensor x = direction(1, at::zeros({2, 3, 1, 2, 2})), v = direction(2, x), next = direction(3, x),
                   other = direction(4, x), along = direction(5, x);
  double density = 0, divergence = 0;
  for (int64_t i = 0; i < 12; ++i) {
    const double mean = step.to_x * x.view(-1)[i].item<double>() + step.to_v * v.view(-1)[i].item<double>();
    const double off = next.view(-1)[i].item<double>() - mean;
    density +=
        std::log(std::exp(-off * off / (2 * step.variance)) / std::sqrt(2 * M_PI * step.variance)) / 12;
    divergence += std::pow(mean - other.view(-1)[i].item<double>(), 2) / (2 * step.variance) / 12;
  }
  EXPECT_NEAR(step.log_density_B(next, step.mean(x, v))[0].item<double>(), density, 1e-12);
  EXPECT_NEAR(step.divergence_B(step.mean(x, v), other)[0].item<double>(), divergence, 1e-12);

  // d / dv in closed form: (x' - mu) / variance, (mu - mu') / variance, times d mu / dv over a clip's
  // numbers.
  const at::Tensor mean = step.mean(x, v);
  const double factor = step.to_v / step.variance / 12;
  const auto sums = [&](double h) {
    const at::Tensor moved = step.mean(x, v + h * along);
    return std::pair(step.log_density_B(next, moved).sum().item<double>(),
                     step.divergence_B(moved, other).sum().item<double>());
  };
  const auto plus = sums(kStep), minus = sums(-kStep);
  expect_slope(plus.first, minus.first, ((next - mean) * along).sum().item<double>() * factor);
  expect_slope(plus.second, minus.second, ((mean - other) * along).sum().item<double>() * factor);
}

// Data N(0, s^2) and its own velocity: the variance after each step, in closed form.
std::vector<double> variances(const Schedule& schedule, double s,
                              const std::function<SdeStep(int64_t)>& step_at) {
  std::vector<double> all = {1};
  for (int64_t k = 0; k < schedule.steps(); ++k) {
    const double sigma = schedule.sigmas[k], own = sigma * sigma + (1 - sigma) * (1 - sigma) * s * s;
    const double slope = (sigma - (1 - sigma) * s * s) / own;
    const SdeStep step = k + 1 < schedule.steps() ? step_at(k) : SdeStep{1, step_size(schedule, k, k + 1), 0};
    all.push_back(std::pow(step.to_x + step.to_v * slope, 2) * all.back() + step.variance);
  }
  return all;
}

// Where 1 - sigma is a few steps alone, c^2 delta is noise^2 over their number, however short they are (a
// quarter off at noise 1.2); from .98 down at most .7 % is left, of the steps' length.
TEST(SdeStep, KeepsTheDistributionsOfTheSchedule) {
  constexpr double kS = 0.5;
  for (const EulerLevels of : {EulerLevels::kFlow, EulerLevels::kDiffusers}) {
    for (const double noise : {0.3, 0.7, 1.2}) {
      const Schedule schedule = euler_schedule({of, 4000, 3});
      const auto got = variances(schedule, kS, [&](int64_t k) { return sde_step(schedule, k, noise); });
      for (size_t k = 0; k < got.size(); ++k) {
        const double sigma = schedule.sigmas[k];
        if (sigma > 0.98) continue;
        EXPECT_NEAR(std::sqrt(got[k] / (sigma * sigma + (1 - sigma) * (1 - sigma) * kS * kS)), 1, 0.008)
            << "noise " << noise << ", step " << k;
      }
    }
  }
}

// Ten steps: the rule of Flow-GRPO's code, which knows a first level of 1 alone, ends far from the data.
TEST(SdeStep, DoesNotExplodeAtAFirstLevelJustBelow1) {
  const Schedule schedule = levels(10);
  ASSERT_LT(schedule.sigmas[0], 1);
  ASSERT_GT(schedule.sigmas[0], 0.999);
  const auto ours = [&](int64_t k) { return sde_step(schedule, k, 0.7); };
  EXPECT_NEAR(std::sqrt(variances(schedule, 0.5, ours).back()), 0.5, 0.1);
  const auto code = [&](int64_t k) {
    if (k > 0) return ours(k);
    const double sigma = schedule.sigmas[0], delta = -step_size(schedule, 0, 1);
    const double c2 = 0.49 * sigma / (1 - sigma);
    return SdeStep{1 - delta * c2 / (2 * sigma), -delta * (1 + c2 * (1 - sigma) / (2 * sigma)), c2 * delta};
  };
  EXPECT_GT(std::sqrt(variances(schedule, 0.5, code).back()), 1.5);
}

}  // namespace
}  // namespace drf::diffusion
