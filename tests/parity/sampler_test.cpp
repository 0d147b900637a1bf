// Schedules and solvers equal diffusers' FlowMatchEulerDiscreteScheduler and UniPCMultistepScheduler:
// tools/reference/scheduler.py.
#include "drf/diffusion/sampler.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "tests/support/golden.h"

namespace drf::diffusion {
namespace {

using testing::close_relative;
using testing::Golden;

SamplerKind kind_of(const nlohmann::json& c) {
  return c["sampler"] == "unipc" ? SamplerKind::kUniPC : SamplerKind::kEuler;
}
Schedule schedule_of(const nlohmann::json& c) {
  if (c["sampler"] == "flow")
    return euler_schedule({EulerLevels::kFlow, c["steps"].get<int64_t>(), c["shift"].get<double>()});
  return make_schedule(parse_sampler(c["sampler"]), c["steps"], c["shift"]);
}

at::Tensor trajectory(const Golden& golden, const nlohmann::json& c, at::ScalarType dtype) {
  const SamplerKind kind = kind_of(c);
  const Schedule schedule = schedule_of(c);
  const auto sampler = make_sampler(kind, schedule, c["solver_order"]);
  const auto in = [&](const char* name) { return golden[name].to(dtype); };
  std::vector<at::Tensor> states{in("in.x0")};
  for (int64_t i = 0; i < schedule.steps(); ++i) {
    const double t = static_cast<double>(schedule.timesteps[i]) / 1000;
    states.push_back(
        sampler->step(states.back(), in("in.a") * states.back() + in("in.b") * t + in("in.c"), i));
  }
  return at::stack(states);
}

TEST(Sampler, SchedulesAndTrajectoriesEqualDiffusers) {
  const Golden golden("schedulers.safetensors");
  const auto cases = nlohmann::json::parse(golden.metadata("cases"));
  ASSERT_GE(cases.size(), 22u);
  for (const auto& c : cases) {
    const std::string name = c["name"];
    const Schedule schedule = schedule_of(c);
    // One float32 ulp: numpy's linspace and ours may round the same real number differently.
    EXPECT_TRUE(close_relative(at::tensor(schedule.sigmas), golden[name + ".sigmas"], 1.2e-7)) << name;
    EXPECT_TRUE(close_relative(at::tensor(schedule.timesteps), golden[name + ".timesteps"], 1.2e-7)) << name;
    // Euler's step sizes are float32 here, as diffusers' own are, and float64 in this golden; UniPC has no
    // such rounding.
    const double wide = c["sampler"] == "unipc" ? 1e-9 : 1e-6;
    EXPECT_TRUE(close_relative(trajectory(golden, c, at::kDouble), golden[name + ".x"], wide)) << name;
    // The reference forms its coefficients in float32; near sigma = 1 their logarithms cancel.
    EXPECT_TRUE(close_relative(trajectory(golden, c, at::kFloat), golden[name + ".x_float32"], 2e-5)) << name;
  }
}

TEST(Sampler, TheSigmasAreTheReferencesToTheBit) {
  const Golden golden("schedulers.safetensors");
  for (const auto& c : nlohmann::json::parse(golden.metadata("cases"))) {
    const std::string name = c["name"];
    const Schedule schedule = schedule_of(c);
    EXPECT_TRUE(at::tensor(schedule.sigmas).equal(golden[name + ".sigmas"])) << name;
    EXPECT_TRUE(at::tensor(schedule.timesteps).equal(golden[name + ".timesteps"])) << name;
  }
}

// s u / (1 + (s - 1) u) with u = 0.999 (1 - k / N), by hand.
TEST(Sampler, TheFlowScheduleHasWansOwnLevels) {
  const Schedule schedule = euler_schedule({EulerLevels::kFlow, 8, 3.0});
  const std::vector<double> sigmas = {0.999666444, 0.954198126, 0.899639784,
                                      0.832962757, 0.749624812, 0.642489638,
                                      0.499666556, 0.299759952, 0};
  ASSERT_EQ(schedule.sigmas.size(), sigmas.size());
  for (size_t k = 0; k < sigmas.size(); ++k) EXPECT_NEAR(schedule.sigmas[k], sigmas[k], 1e-7) << k;
  for (size_t k = 0; k < 8; ++k) EXPECT_NEAR(schedule.timesteps[k], 1000 * sigmas[k], 1e-4) << k;
}

TEST(Sampler, TheFlowScheduleIsUniPcsButForOneTrainingStep) {
  const double shift = 5;
  for (const int64_t steps : {1, 4, 30}) {
    const Schedule flow = euler_schedule({EulerLevels::kFlow, steps, shift});
    const Schedule unipc = make_schedule(SamplerKind::kUniPC, steps, shift);
    // Unshifted: u = sigma / (s - (s - 1) sigma). diffusers' first level is kept off 1 by another 1e-6.
    const auto u = [&](float sigma) { return sigma / (shift - (shift - 1) * static_cast<double>(sigma)); };
    for (int64_t k = 0; k < steps; ++k)
      EXPECT_NEAR(u(unipc.sigmas[k]) - u(flow.sigmas[k]), 1e-3, 1e-5) << steps << " " << k;
  }
}

TEST(Sampler, OnlyDiffusersLevelsEndInAStepThatDoesNothing) {
  for (const int64_t steps : {8, 30, 50}) {
    EXPECT_NEAR(euler_schedule({EulerLevels::kDiffusers, steps, 3.0}).sigmas[steps - 1], 0.0089, 1e-4)
        << steps;
    EXPECT_GT(euler_schedule({EulerLevels::kFlow, steps, 3.0}).sigmas[steps - 1], 0.05) << steps;
  }
}

TEST(Sampler, BadSettingsAreRefused) {
  EXPECT_THROW(euler_schedule({EulerLevels::kFlow, 0, 3.0}), Error);
  EXPECT_THROW(euler_schedule({EulerLevels::kFlow, 4, 0.0}), Error);
  EXPECT_THROW(parse_euler_levels("euler", "sampling.schedule"), Error);
  EXPECT_THROW(make_schedule(SamplerKind::kEuler, 0, 3.0), Error);
  EXPECT_THROW(make_schedule(SamplerKind::kEuler, 4, 0.0), Error);
  EXPECT_THROW(parse_sampler("ddim"), Error);
}

}  // namespace
}  // namespace drf::diffusion
