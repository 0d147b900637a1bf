#pragma once
// The two element-wise steps in front of every convolution of Wan's VAE. Tensors are channels-last: [..., C].

#include <ATen/core/Tensor.h>

namespace drf::ops {

/// x / max(||x||, 1e-12) * sqrt(C) * gamma over the last dimension. Half types: the norm in float32, its
/// quotient rounded to x's dtype before the products. Equals diffusers' WanRMS_norm. x [..., C], gamma [C] ->
/// [..., C].
at::Tensor channel_rms(const at::Tensor& x, const at::Tensor& gamma);

/// silu(channel_rms(x, gamma)): the input of a convolution. While gamma requires no grad the graph keeps x
/// alone, and neither it nor its backward has more tensors of x's size at once than x, y and their gradients
/// (half types: two of float32 in the forward). x [..., C]; gamma [C].
at::Tensor rms_silu(const at::Tensor& x, const at::Tensor& gamma);

/// The gradient in x of the above by libtorch's operators, some rows at a time: what other devices than the
/// CPU use. Formed in float32 or wider and rounded once. x, grad_y [..., C] contiguous.
at::Tensor rms_silu_backward_composed(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& grad_y);

}  // namespace drf::ops
