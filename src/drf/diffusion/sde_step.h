#pragma once
// A step that adds noise: the SDE whose states have the same distributions as the flow's ODE (Flow-GRPO,
// arXiv 2505.05470), so that a step has a density. With delta = sigma_k - sigma_{k+1} and c = noise
// sqrt(sigma_k / (1 - s)), s = min(sigma_k, sigma_1):
//     mu = x - delta (v + (c^2 / 2 sigma_k) (x + (1 - sigma_k) v)),   x' ~ N(mu, c^2 delta)
// Flow-GRPO's code takes sigma_1 in the place of sigma_k only where sigma_k = 1; at levels that begin just
// below 1 (Wan's) c would be 38 where it is 3.7 (ten steps).
//
// Shape letter: B clips, the first dimension.

#include <ATen/core/Tensor.h>

#include "drf/diffusion/schedule.h"

namespace drf::diffusion {

struct SdeStep {
  double to_x = 1, to_v = 0;  ///< mu = to_x x + to_v v
  double variance = 0;        ///< of x' around it, c^2 delta

  at::Tensor mean(const at::Tensor& x, const at::Tensor& v) const;
  /// Mean over a clip's numbers of log N(x'; mu, variance), float64 [B]; variance > 0.
  at::Tensor log_density_B(const at::Tensor& next, const at::Tensor& mean) const;
  /// Mean over a clip's numbers of the KL divergence of two such steps, (mu - mu')^2 / (2 variance), float64
  /// [B].
  at::Tensor divergence_B(const at::Tensor& mean, const at::Tensor& other) const;
};

/// From level `level` to the next one, 0 <= level < steps - 1: the last step, to the clip, adds no noise.
/// noise = 0 is the Euler step.
SdeStep sde_step(const Schedule& schedule, int64_t level, double noise);

}  // namespace drf::diffusion
