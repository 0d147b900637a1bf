#pragma once
// Noise levels of flow matching: x_sigma = (1 - sigma) x_0 + sigma noise, with the time shift
// sigma' = s sigma / (1 + (s - 1) sigma). Must equal diffusers' own schedules
// (tests/parity/sampler_test.cpp).

#include <cstdint>
#include <string>
#include <vector>

namespace drf::diffusion {

enum class SamplerKind { kEuler, kUniPC };

/// "euler" or "unipc". Throws Error(kConfig) otherwise.
SamplerKind parse_sampler(const std::string& name);

struct Schedule {
  std::vector<float> sigmas;     ///< steps + 1 values, decreasing, the last is 0
  std::vector<float> timesteps;  ///< steps values in [0, 1000], what the transformer is told
  int64_t steps() const { return static_cast<int64_t>(timesteps.size()); }
};

/// FlowMatchEulerDiscreteScheduler(shift = S).set_timesteps(N): N levels evenly spaced between the shifted
/// ends, then shifted again (so the last non-zero level is shifted twice, as diffusers does).
/// UniPCMultistepScheduler(use_flow_sigmas, flow_shift = S).set_timesteps(N): timesteps are whole numbers.
/// Values are rounded to float32 as the references store them. Throws Error(kConfig) unless steps >= 1 and
/// shift > 0.
Schedule make_schedule(SamplerKind kind, int64_t steps, double shift, int64_t num_train_timesteps = 1000);

}  // namespace drf::diffusion
