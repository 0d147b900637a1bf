#pragma once
// What the rules of the small worlds share: a clip as plain numbers, its background, what stands off it. All
// in float64 on arrays: clips are small, and thresholds must fall as numpy's do.

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace drf::worlds {

using Rgb = std::array<double, 3>;

struct Named {
  std::string name;
  Rgb value;
};

/// Both worlds' colors and backgrounds, in the order in which nearest() prefers equals.
const std::vector<Named>& color_values();
const std::vector<Named>& background_values();

/// The mean of the two middle values where the count is even; `values` is not empty.
double median(std::vector<double> values);

/// The nearest by L1, "none" if any channel is off by `limit` or more.
std::string nearest(const Rgb& rgb, const std::vector<Named>& names, double limit);

/// Values in [0, 1], F x H x W x 3.
struct Pixels {
  int64_t frames, height, width;
  std::vector<double> values;
  double at(int64_t f, int64_t y, int64_t x, size_t c) const {
    return values[static_cast<size_t>(((f * height + y) * width + x) * 3) + c];
  }
  size_t index(int64_t y, int64_t x) const { return static_cast<size_t>(y * width + x); }
  /// Whether (y, x) lies in one of the four squares of `size` pixels in the corners.
  bool in_corner(int64_t y, int64_t x, int64_t size) const {
    return (y < size || y >= height - size) && (x < size || x >= width - size);
  }
};

/// clip: [F,3,H,W] or [F,H,W,3], any floating dtype and device; what lies beyond [0, 1] is clamped. Throws
/// Error(kInput) for other shapes, frames below 12x12 and non-finite values.
Pixels read_clip(const at::Tensor& clip);

/// By channel, of two rows above and below and two columns left and right; the corners count twice.
Rgb border_median(const Pixels& x);

/// Largest channel distance from the background, F images of H x W.
std::vector<std::vector<double>> distances(const Pixels& x, const Rgb& background);

/// No 5 x 5 corner whose mean distance, median over frames, reaches 0.2.
bool corners_clean(const Pixels& x, const std::vector<std::vector<double>>& distances);

}  // namespace drf::worlds
