#pragma once
// Solvers of the flow's ODE from noise to data. Sampler state is float32 or wider whatever the model computes
// in.

#include <ATen/core/Tensor.h>

#include <memory>

#include "drf/diffusion/schedule.h"

namespace drf::diffusion {

/// One trajectory's solver: step 0 first, then 1, ... in order.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// From the state x at level `step` and the velocity there to the state at level step + 1. Differentiable.
  virtual at::Tensor step(const at::Tensor& x, const at::Tensor& velocity, int64_t step) = 0;
};

/// `solver_order` (1 or 2) is UniPC's; Euler has no use for it.
std::unique_ptr<Sampler> make_sampler(SamplerKind kind, const Schedule& schedule, int64_t solver_order = 2);

/// sigma_to - sigma_from, rounded to float32 as diffusers' is.
double step_size(const Schedule& schedule, int64_t from, int64_t to);

/// x + step_size v for the velocity v at level `from`. Stateless: what training rolls out with. to = from + 1
/// is a step; to = steps the projection to the clip, x_0 = x - sigma v.
at::Tensor euler_step(const Schedule& schedule, const at::Tensor& x, const at::Tensor& velocity, int64_t from,
                      int64_t to);

}  // namespace drf::diffusion
