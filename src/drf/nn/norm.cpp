#include "drf/nn/norm.h"

#include <ATen/ATen.h>

#include "drf/ops/rms_norm.h"
#include "drf/tensor/precision.h"

namespace drf::nn {

RmsNorm::RmsNorm(int64_t dim, double eps, Precision precision) : eps_(eps) {
  register_parameter("weight", weight_, {dim}, precision);
}

at::Tensor RmsNorm::forward(const at::Tensor& x) const { return ops::rms_norm(x, weight_, eps_); }

LayerNorm::LayerNorm(int64_t dim, double eps, bool affine, Precision precision) : dim_(dim), eps_(eps) {
  if (!affine) return;
  register_parameter("weight", weight_, {dim}, precision);
  register_parameter("bias", bias_, {dim}, precision);
}

at::Tensor LayerNorm::forward(const at::Tensor& x) const {
  const at::Tensor wide = upcast(x);
  const auto as_wide = [&](const at::Tensor& t) { return t.defined() ? t.to(wide.scalar_type()) : t; };
  return at::layer_norm(wide, {dim_}, as_wide(weight_), as_wide(bias_), eps_).to(x.scalar_type());
}

}  // namespace drf::nn
