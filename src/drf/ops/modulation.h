#pragma once
// Layer norm, and what diffusion transformers do around their layers by a timestep's vectors (adaLN): formed
// in float32 or wider and rounded once to x's type. On a card one kernel each (device_rows.h).
//
// Shape letters: B clips, L tokens, D width. A timestep's vectors are (B, 1, D) or (1, 1, D), float32 or
// wider.

#include <ATen/core/Tensor.h>

namespace drf::ops {

/// Over x's last dimension D. weight, bias: [D], or both undefined.
at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double eps);

/// layer_norm(x_BLD) (1 + scale) + shift.
at::Tensor modulated_norm(const at::Tensor& x_BLD, const at::Tensor& shift, const at::Tensor& scale,
                          double eps);

/// x_BLD + a_BLD gate.
at::Tensor gated_sum(const at::Tensor& x_BLD, const at::Tensor& a_BLD, const at::Tensor& gate);

}  // namespace drf::ops
