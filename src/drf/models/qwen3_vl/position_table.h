#pragma once
// The learned positions of the vision tower: a square table, stretched to each grid of patches.

#include <ATen/core/Tensor.h>

#include "drf/models/qwen/patch_places.h"

namespace drf::qwen3 {

/// Which four rows of the table each of L patches takes, and how much of each.
struct TablePlaces {
  at::Tensor rows_L4;     ///< int64
  at::Tensor weights_L4;  ///< float32, whatever the model: the reference forms them so
};

/// For the patches of an h x w grid at `places`, of a table of side x side rows: bilinear with the corners
/// aligned, so that row i of h stands at i (side - 1) / max(h - 1, 1). On the CPU. Equals transformers'
/// get_vision_interpolation_indices_and_weights to the bit.
TablePlaces table_places(const qwen::PatchPlaces& places, int64_t h, int64_t w, int64_t side);

/// table_ND -> [L, D] in float32 or wider.
at::Tensor look_up(const at::Tensor& table_ND, const TablePlaces& places);

}  // namespace drf::qwen3
