#include "drf/media/orientation.h"

#include <ATen/ATen.h>

#include <cmath>

namespace drf::media {

std::optional<Orientation> orientation_of(const std::array<int32_t, 9>& matrix) {
  const double a = matrix[0], b = matrix[1], c = matrix[3], d = matrix[4];
  const double along = std::min(std::abs(a), std::abs(d)), across = std::min(std::abs(b), std::abs(c));
  const auto is_small = [](double x, double y, double beside) {
    return std::max(std::abs(x), std::abs(y)) <= 0.01 * beside;  // writers round cosines
  };
  if (a == 0 && b == 0 && c == 0 && d == 0) return Orientation{};
  if (is_small(b, c, along)) return Orientation{false, a < 0, d < 0};
  if (is_small(a, d, across)) return Orientation{true, c < 0, b < 0};
  return std::nullopt;
}

at::Tensor oriented(const at::Tensor& picture_HW3, const Orientation& orientation) {
  at::Tensor x = orientation.transpose ? picture_HW3.transpose(0, 1) : picture_HW3;
  if (orientation.reverse_columns) x = x.flip(1);
  if (orientation.reverse_rows) x = x.flip(0);
  return x.contiguous();
}

}  // namespace drf::media
