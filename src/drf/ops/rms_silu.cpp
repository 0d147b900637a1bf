#include "drf/ops/rms_silu.h"

#include <ATen/ATen.h>

#include <cmath>

#include "drf/tensor/precision.h"

namespace drf::ops {

at::Tensor channel_rms(const at::Tensor& x, const at::Tensor& gamma) {
  const at::Tensor wide = upcast(x);
  const at::Tensor length = at::linalg_vector_norm(wide, 2, at::IntArrayRef{-1}, /*keepdim=*/true);
  const at::Tensor unit = (wide / length.clamp_min(1e-12)).to(x.scalar_type());
  return unit * std::sqrt(double(x.size(-1))) * gamma;
}

at::Tensor rms_silu_after(const at::Tensor& past_BPHWC, const at::Tensor& x_BTHWC, const at::Tensor& gamma) {
  return at::cat({past_BPHWC, at::silu(channel_rms(x_BTHWC, gamma))}, /*dim=*/1);
}

}  // namespace drf::ops
