#pragma once
// Noise levels of flow matching: x_sigma = (1 - sigma) x_0 + sigma noise, with the time shift
// sigma' = s sigma / (1 + (s - 1) sigma). Samplers' own levels must equal diffusers'
// (tests/parity/sampler_test.cpp); what training rolls out with is Wan's.

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

/// Which levels Euler steps go through.
enum class EulerLevels {
  kFlow,       ///< Wan's own sampler's: shifted once
  kDiffusers,  ///< FlowMatchEulerDiscreteScheduler's, make_schedule(kEuler)
};

/// "flow" or "diffusers". Throws Error(kConfig) otherwise, naming `key`.
EulerLevels parse_euler_levels(const std::string& name, const char* key);

/// What a rollout's levels are made of.
struct ScheduleOptions {
  EulerLevels levels = EulerLevels::kFlow;
  int64_t steps = 30;  ///< N
  double shift = 3.0;
};

/// kFlow, with T = num_train_timesteps: u_k = (1 - 1/T)(1 - k/N) for k = 0 .. N-1, sigma_k = s u_k / (1 + (s
/// - 1) u_k), then 0; timestep = T sigma. These are the levels of Wan's own code, of
/// FlowMatchEulerDiscreteScheduler(shift = S).set_timesteps(sigmas = u), and, u being larger by 1/T there, of
/// diffusers' UniPC. kDiffusers ends in a step that does next to nothing: its shift is applied twice, so that
/// the last level is 0.0089 at shift 3 whatever N is. Throws as make_schedule().
Schedule euler_schedule(const ScheduleOptions& options, int64_t num_train_timesteps = 1000);

}  // namespace drf::diffusion
