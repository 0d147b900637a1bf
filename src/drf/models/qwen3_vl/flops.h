#pragma once
// What the vision tower of Qwen3-VL computes on paper (models/flops.h). Each line is a layer of vision.h.

#include "drf/models/flops.h"
#include "drf/models/qwen/grid.h"
#include "drf/models/qwen3_vl/config.h"

namespace drf::qwen3 {

/// VisionTower::forward of one clip.
inline models::Flops vision_flops(const VisionConfig& c, const qwen::Grid& grid) {
  const auto D = static_cast<double>(c.hidden_size), I = static_cast<double>(c.intermediate_size);
  const auto patches = static_cast<double>(grid.patches()), unit = static_cast<double>(c.merge_unit());
  const models::Flops block = models::products(patches * 4 * D * D) +  // qkv, proj
                              models::attention(patches * static_cast<double>(grid.h * grid.w), D) +
                              models::products(patches * 2 * D * I);  // fc1, fc2
  const double mergers = static_cast<double>(1 + c.deepstack_blocks.size());
  return models::products(patches * static_cast<double>(c.patch_values()) * D) +  // patch_embed
         static_cast<double>(c.depth) * block +
         models::products(mergers * patches / unit *
                          (unit * D * unit * D + unit * D * static_cast<double>(c.out_hidden_size)));
}

}  // namespace drf::qwen3
