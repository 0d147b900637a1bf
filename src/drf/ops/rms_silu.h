#pragma once
// The two element-wise steps in front of every convolution of Wan's VAE. Tensors are channels-last: [..., C].

#include <ATen/core/Tensor.h>

namespace drf::ops {

/// x / max(||x||, 1e-12) * sqrt(C) * gamma over the last dimension. Half types: the norm in float32, its
/// quotient rounded to x's dtype before the products. Equals diffusers' WanRMS_norm. x [..., C], gamma [C] ->
/// [..., C].
at::Tensor channel_rms(const at::Tensor& x, const at::Tensor& gamma);

/// cat(past, silu(channel_rms(x, gamma))) along time: the input of a causal convolution.
/// past_BPHWC [B, P, H, W, C], P >= 0 frames that were already normalised; x_BTHWC; gamma [C] -> [B, P + T,
/// H, W, C].
at::Tensor rms_silu_after(const at::Tensor& past_BPHWC, const at::Tensor& x_BTHWC, const at::Tensor& gamma);

}  // namespace drf::ops
