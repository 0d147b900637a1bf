#pragma once
// The size of a video in patches.

#include <compare>
#include <cstdint>

namespace drf::qwen {

/// Temporal patches, rows and columns of patches; rows and columns are multiples of the merge size.
struct Grid {
  int64_t t = 0, h = 0, w = 0;
  int64_t patches() const { return t * h * w; }
  auto operator<=>(const Grid&) const = default;
};

}  // namespace drf::qwen
