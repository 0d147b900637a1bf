#pragma once
// A frozen linear layer with a low-rank adapter as one operation: no pass over the output beside the matrix
// products.

#include <ATen/core/Tensor.h>

namespace drf::ops {

/// x W^T + b + scale (x A^T) B^T. x [..., in]; weight [out, in] and bias [out] (or undefined) of x's type and
/// without gradient; lora_A [rank, in], lora_B [out, rank], both of x's type or wider -> [..., out] in x's
/// type. Differentiable in x, lora_A and lora_B, to first order; everything is linear in the gradient that
/// comes in. Equals the layer and its adapter one after the other (LoRA, arXiv 2106.09685), to rounding.
///
/// Half models: A and B stay float32 masters. They are rounded to x's type for the products, and their
/// gradients are summed over the tokens in float32. Nothing wider than x's type and as large as x or y is
/// formed; the backward keeps x and x A^T, both in x's type.
at::Tensor low_rank_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                           const at::Tensor& lora_A, const at::Tensor& lora_B, double scale);

}  // namespace drf::ops
