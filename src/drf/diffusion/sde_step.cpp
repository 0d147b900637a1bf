#include "drf/diffusion/sde_step.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"
#include "drf/diffusion/sampler.h"
#include "drf/tensor/precision.h"

namespace drf::diffusion {
namespace {

at::Tensor mean_square_B(const at::Tensor& difference) {
  return difference.to(at::kDouble).square().flatten(1).mean(1);
}

}  // namespace

at::Tensor SdeStep::mean(const at::Tensor& x, const at::Tensor& v) const {
  return to_x * upcast(x) + to_v * upcast(v);
}

at::Tensor SdeStep::log_density_B(const at::Tensor& next, const at::Tensor& mean) const {
  return mean_square_B(next - mean) * (-1 / (2 * variance)) - std::log(2 * M_PI * variance) / 2;
}

at::Tensor SdeStep::divergence_B(const at::Tensor& mean, const at::Tensor& other) const {
  return mean_square_B(mean - other) / (2 * variance);
}

SdeStep sde_step(const Schedule& schedule, int64_t level, double noise) {
  DRF_CHECK(level >= 0 && level + 1 < schedule.steps());
  const double delta = -step_size(schedule, level, level + 1), sigma = schedule.sigmas[level],
               below_1 = std::min(sigma, static_cast<double>(schedule.sigmas[1]));
  const double c2 = noise * noise * sigma / (1 - below_1);
  return {1 - delta * c2 / (2 * sigma), -delta * (1 + c2 * (1 - sigma) / (2 * sigma)), c2 * delta};
}

}  // namespace drf::diffusion
