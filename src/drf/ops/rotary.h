#pragma once
// Rotary position embedding in the half-split layout (Qwen, Llama): value i of a head turns together with
// value i + D/2. Wan's pairs are (2i, 2i+1); mixing the two up gives plausible but wrong results.
//
// Shape letters: L tokens, D head width.

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace drf::ops {

/// cos and sin of each token's D/2 angles: [L, D/2].
struct RotaryTable {
  at::Tensor cos, sin;
};

/// theta^(-2i / dim) for i = 0 .. dim/2 - 1, formed in `dtype` (float32 or float64) as the references do.
at::Tensor inverse_frequencies(int64_t dim, double theta, at::ScalarType dtype);

/// Turns x [..., D] by `table`, whose cos and sin [..., D/2] broadcast against the halves of x: first' =
/// first cos - second sin, second' = second cos + first sin. Formed in the table's dtype, returned in x's.
at::Tensor rotate(const at::Tensor& x, const RotaryTable& table);

}  // namespace drf::ops
