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

at::Tensor trajectory(const Golden& golden, const nlohmann::json& c, at::ScalarType dtype) {
  const SamplerKind kind = parse_sampler(c["sampler"]);
  const Schedule schedule = make_schedule(kind, c["steps"], c["shift"]);
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
  ASSERT_GE(cases.size(), 15u);
  for (const auto& c : cases) {
    const std::string name = c["name"];
    const Schedule schedule = make_schedule(parse_sampler(c["sampler"]), c["steps"], c["shift"]);
    // One float32 ulp: numpy's linspace and ours may round the same real number differently.
    EXPECT_TRUE(close_relative(at::tensor(schedule.sigmas), golden[name + ".sigmas"], 1.2e-7)) << name;
    EXPECT_TRUE(close_relative(at::tensor(schedule.timesteps), golden[name + ".timesteps"], 1.2e-7)) << name;
    // Euler's step sizes are float32 here, as diffusers' own are, and float64 in this golden; UniPC has no
    // such rounding.
    const double wide = c["sampler"] == "euler" ? 1e-6 : 1e-9;
    EXPECT_TRUE(close_relative(trajectory(golden, c, at::kDouble), golden[name + ".x"], wide)) << name;
    // The reference forms its coefficients in float32; near sigma = 1 their logarithms cancel.
    EXPECT_TRUE(close_relative(trajectory(golden, c, at::kFloat), golden[name + ".x_float32"], 2e-5)) << name;
  }
}

TEST(Sampler, TheSigmasAreTheReferencesToTheBit) {
  const Golden golden("schedulers.safetensors");
  for (const auto& c : nlohmann::json::parse(golden.metadata("cases"))) {
    const std::string name = c["name"];
    const Schedule schedule = make_schedule(parse_sampler(c["sampler"]), c["steps"], c["shift"]);
    EXPECT_TRUE(at::tensor(schedule.sigmas).equal(golden[name + ".sigmas"])) << name;
    EXPECT_TRUE(at::tensor(schedule.timesteps).equal(golden[name + ".timesteps"])) << name;
  }
}

TEST(Sampler, BadSettingsAreRefused) {
  EXPECT_THROW(make_schedule(SamplerKind::kEuler, 0, 3.0), Error);
  EXPECT_THROW(make_schedule(SamplerKind::kEuler, 4, 0.0), Error);
  EXPECT_THROW(parse_sampler("ddim"), Error);
}

}  // namespace
}  // namespace drf::diffusion
