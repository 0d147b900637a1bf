#pragma once
// A frozen linear layer with a low-rank adapter as one operation: no pass over the output beside the matrix
// products.

#include <ATen/core/Tensor.h>

namespace drf::ops {

/// x W^T + b + scale (x A^T) B^T, all of one float type. x [..., in]; weight [out, in] and bias [out] (or
/// undefined) without gradient; lora_A [rank, in], lora_B [out, rank] -> [..., out]. Differentiable in x,
/// lora_A and lora_B, to first order; keeps x and x A^T for the backward. Equals the layer and its adapter
/// one after the other (LoRA, arXiv 2106.09685), to rounding.
at::Tensor low_rank_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                           const at::Tensor& lora_A, const at::Tensor& lora_B, double scale);

}  // namespace drf::ops
