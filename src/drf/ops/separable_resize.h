#pragma once
// Antialiased bicubic resizing as two small matrix products: deterministic, any device, with an exact
// gradient. Equals torch.nn.functional.interpolate(mode="bicubic", antialias=True), which is PIL's filter
// with a = -0.5.

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace drf::ops {

/// [out, in], float64 on the CPU: row i holds the weights of the input samples under output sample i; each
/// row sums to 1. The kernel is stretched by in / out when shrinking.
at::Tensor bicubic_weights(int64_t in, int64_t out);

/// x [..., H, W] of a float dtype -> [..., height, width]. Half types are resized in float32 and rounded
/// back. An axis whose size does not change is left alone. Values may overshoot the input's range; nothing is
/// clamped.
at::Tensor resize_bicubic(const at::Tensor& x, int64_t height, int64_t width);

}  // namespace drf::ops
