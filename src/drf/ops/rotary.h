#pragma once
// Rotary position embedding in the half-split layout (Qwen, Llama): value i of a head turns together with
// value i + D/2. Wan's pairs are (2i, 2i+1): rotate_pairs. Mixing the two up gives plausible but wrong
// results.
//
// Shape letters: B rows of tokens, L tokens, N heads, D head width.

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace drf::ops {

/// cos and sin of each token's D/2 angles: [L, D/2].
struct RotaryTable {
  at::Tensor cos, sin;
};

/// theta^(-2i / dim) for i = 0 .. dim/2 - 1, formed in `dtype` (float32 or float64) as the references do.
at::Tensor inverse_frequencies(int64_t dim, double theta, at::ScalarType dtype);

/// Turns the first `turned` of N heads by their token's angles (first' = first cos - second sin, second' =
/// second cos + first sin) and copies the others: queries, keys and values that lie side by side need one
/// call. x_BLND of any strides; formed in the table's dtype, returned densely in x's.
at::Tensor rotate(const at::Tensor& x_BLND, const RotaryTable& table, int64_t turned);
/// All heads.
at::Tensor rotate(const at::Tensor& x_BLND, const RotaryTable& table);

/// The other layout, pairs (2i, 2i+1) (Wan): as complex numbers times table (L, 1, D/2), complex64 or, for
/// float64, complex128.
at::Tensor rotate_pairs(const at::Tensor& x_BLND, const at::Tensor& table);

}  // namespace drf::ops
