#pragma once
// Where the patches of one temporal patch stand, and the rotations by which attention knows.

#include <cstdint>
#include <vector>

#include "drf/ops/rotary.h"

namespace drf::qwen {

/// Row and column of each patch of a grid.
struct PatchPlaces {
  std::vector<int64_t> rows, columns;
};

/// Of h x w patches, merge x merge of which are a unit (counted row by row): the patches of the given units
/// in that order, row by row within each.
PatchPlaces patch_places(int64_t w, int64_t merge, const std::vector<int64_t>& units);

/// All units of h x w patches in the processor's order.
PatchPlaces patch_places_in_order(int64_t h, int64_t w, int64_t merge);

/// [patches, head_dim / 2] in `dtype` (float32 or float64) on the CPU: half of the frequencies turn with the
/// row, half with the column.
ops::RotaryTable axial_rotary(const PatchPlaces& places, int64_t head_dim, double theta,
                              at::ScalarType dtype);

}  // namespace drf::qwen
