#pragma once
// Normalisations whose statistics are float32 or wider whatever the input is.

#include <ATen/core/Tensor.h>

#include "drf/nn/module.h"

namespace drf::nn {

/// Root-mean-square norm over the last dimension: (x / rms(x)) rounded to x's dtype, times "weight" [dim].
/// Equals torch.nn.RMSNorm, T5LayerNorm and Qwen2RMSNorm.
class RmsNorm : public Module {
 public:
  RmsNorm(int64_t dim, double eps, Precision precision = Precision::kModel);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  double eps_;
};

/// Layer norm over the last dimension in float32 or wider, rounded to x's dtype, with "weight" and "bias"
/// [dim]. Equals diffusers' FP32LayerNorm; those without weights are ops/modulation.h's.
class LayerNorm : public Module {
 public:
  LayerNorm(int64_t dim, double eps, Precision precision = Precision::kModel);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_, bias_;
  double eps_;
};

}  // namespace drf::nn
