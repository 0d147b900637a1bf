#pragma once
// Root-mean-square norm with little memory: the backward keeps x alone, and nothing wider than x and as large
// as it is formed. On the CPU one pass over the rows.

#include <ATen/core/Tensor.h>

namespace drf::ops {

/// (x / sqrt(mean(x^2) + eps)) over the last dimension, formed in float32 or wider and rounded to x's dtype,
/// times weight [C] (of x's dtype or wider; the result has the wider one). Equals torch.nn.RMSNorm,
/// T5LayerNorm and Qwen2RMSNorm. Differentiable in x and weight.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

}  // namespace drf::ops
