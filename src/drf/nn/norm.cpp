#include "drf/nn/norm.h"

#include <ATen/ATen.h>

#include "drf/ops/modulation.h"
#include "drf/ops/rms_norm.h"

namespace drf::nn {

RmsNorm::RmsNorm(int64_t dim, double eps, Precision precision) : eps_(eps) {
  register_parameter("weight", weight_, {dim}, precision);
}

at::Tensor RmsNorm::forward(const at::Tensor& x) const { return ops::rms_norm(x, weight_, eps_); }

LayerNorm::LayerNorm(int64_t dim, double eps, Precision precision) : eps_(eps) {
  register_parameter("weight", weight_, {dim}, precision);
  register_parameter("bias", bias_, {dim}, precision);
}

at::Tensor LayerNorm::forward(const at::Tensor& x) const { return ops::layer_norm(x, weight_, bias_, eps_); }

}  // namespace drf::nn
