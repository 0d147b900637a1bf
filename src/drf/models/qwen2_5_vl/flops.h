#pragma once
// What Qwen2.5-VL computes as a critic, on paper (models/flops.h). Each line is a layer of vision.h.

#include "drf/models/flops.h"
#include "drf/models/qwen/grid.h"
#include "drf/models/qwen2_5_vl/config.h"

namespace drf::qwen {

/// VisionTower::forward of one clip.
inline models::Flops vision_flops(const VisionConfig& c, const Grid& grid) {
  const auto D = static_cast<double>(c.hidden_size), I = static_cast<double>(c.intermediate_size);
  const auto patches = static_cast<double>(grid.patches()), frames = static_cast<double>(grid.t);
  // Patches squared, added up over the windows of one side: whole windows and what is left at the end.
  const auto squares = [&](int64_t side) {
    const int64_t units = side / c.spatial_merge_size, window = c.window_tokens(), rest = units % window;
    return static_cast<double>((units / window * window * window + rest * rest) * c.merge_unit());
  };
  const double in_windows = frames * squares(grid.h) * squares(grid.w);
  const double in_whole = patches * static_cast<double>(grid.h * grid.w);

  models::Flops total = models::products(patches * static_cast<double>(c.patch_values()) * D);  // patch_embed
  for (int64_t block = 0; block < c.depth; ++block) {
    total = total + models::products(patches * 4 * D * D) +  // qkv, proj
            models::attention(c.full_attention(block) ? in_whole : in_windows, D) +
            models::products(patches * 3 * D * I);  // gate, up, down
  }
  const auto unit = static_cast<double>(c.merge_unit()), out = static_cast<double>(c.out_hidden_size);
  return total + models::products(patches / unit * (unit * D * unit * D + unit * D * out));  // merger
}

}  // namespace drf::qwen
