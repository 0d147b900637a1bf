#pragma once
// How the vision tower orders the patches of one temporal patch so that its attention windows are batches.
//
// The reference permutes merge units (merge x merge patches) into windows, row by row, with shorter windows
// at the right and bottom edges. The order of windows changes nothing else, so here windows of one shape come
// together: each group is one dense batch.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/models/qwen/vision_attention.h"
#include "drf/models/qwen2_5_vl/config.h"
#include "drf/ops/rotary.h"

namespace drf::qwen {

struct WindowLayout {
  std::vector<WindowGroup> groups;
  /// [units] int64: new order -> processor's order, and back. Undefined when they are the same.
  at::Tensor order, inverse;
  /// [h * w, head_dim / 2]: each patch's rotation by its row and column, in the new order.
  ops::RotaryTable rotary;
};

/// For grids of h x w patches. The tables have `dtype` (float32 or float64) on `device`.
/// Equals get_vision_window_index and get_vision_position_ids of transformers, but for the order of windows.
WindowLayout window_layout(int64_t h, int64_t w, const VisionConfig& config, at::ScalarType dtype,
                           at::Device device);

}  // namespace drf::qwen
