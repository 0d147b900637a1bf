#pragma once
// How a stored picture lies: phones keep the sensor's rows and write beside them how to turn them.
//
// Shape letters: H W pixels.

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <optional>

namespace drf::media {

/// One of the eight ways to lay a rectangle on itself or its transpose: first rows and columns change places,
/// then columns and rows are reversed.
struct Orientation {
  bool transpose = false, reverse_columns = false, reverse_rows = false;
  bool operator==(const Orientation&) const = default;
};

/// What a display matrix says (ISO/IEC 14496-12, tkhd; FFmpeg's AV_PKT_DATA_DISPLAYMATRIX): rows (a b u),
/// (c d v), (x y w), so that (p, q) is shown at (a p + c q + x, b p + d q + y). Scale and place do not count.
/// Nothing for an angle that is no multiple of 90 degrees; a matrix of zeros is upright.
std::optional<Orientation> orientation_of(const std::array<int32_t, 9>& matrix);

/// picture_HW3 as it is shown, contiguous: [W,H,3] where it is transposed.
at::Tensor oriented(const at::Tensor& picture_HW3, const Orientation& orientation);

}  // namespace drf::media
