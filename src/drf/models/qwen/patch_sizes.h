#pragma once
// How a vision tower cuts a video: what its config, its processor and its positions share.

#include <cstdint>

#include "drf/tensor/json_config.h"

namespace drf::qwen {

struct PatchSizes {
  int64_t patch_size = 14;          ///< pixels a side
  int64_t temporal_patch_size = 2;  ///< frames
  int64_t spatial_merge_size = 2;   ///< merge x merge patches become one token of the language model

  /// Values in one patch: (channel, temporal patch, row, column).
  int64_t patch_values() const { return 3 * temporal_patch_size * patch_size * patch_size; }
  int64_t merge_unit() const { return spatial_merge_size * spatial_merge_size; }
  /// Pixels a side of one token.
  int64_t token_side() const { return patch_size * spatial_merge_size; }
};

/// patch_size, temporal_patch_size and spatial_merge_size of a vision config into `sizes`, whose values those
/// keep that are left out; pictures of other than 3 channels are refused. Throws Error(kInput).
void read_patch_sizes(const JsonConfig& vision, PatchSizes& sizes);

/// Theta of a vision tower's rotary positions, which are axial: rope_parameters may say that and nothing
/// else.
double read_axial_theta(const JsonConfig& vision, double fallback);

}  // namespace drf::qwen
