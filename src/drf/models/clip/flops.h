#pragma once
// What CLIP computes, on paper (models/flops.h). Each line is a layer of encoder.h, text.h or vision.h.

#include "drf/models/clip/config.h"
#include "drf/models/flops.h"

namespace drf::clip {

/// Encoder::forward of one row of `tokens`, of whose pairs `pairs` are seen.
inline models::Flops encoder_flops(const TowerConfig& c, double tokens, double pairs) {
  const auto D = static_cast<double>(c.hidden_size), I = static_cast<double>(c.intermediate_size);
  return static_cast<double>(c.num_layers) *
         (models::products(tokens * (4 * D * D + 2 * D * I)) + models::attention(pairs, D));
}

/// Model::image_embeddings of one image.
inline models::Flops image_flops(const Config& config) {
  const VisionConfig& c = config.vision;
  const auto patches = static_cast<double>(c.grid() * c.grid());
  const auto D = static_cast<double>(c.tower.hidden_size);
  return models::products(patches * static_cast<double>(3 * c.patch_size * c.patch_size) * D) +
         encoder_flops(c.tower, patches + 1, (patches + 1) * (patches + 1)) +
         models::products(D * static_cast<double>(config.projection_dim));
}

/// Model::text_embeddings of one text of `tokens`.
inline models::Flops text_flops(const Config& config, int64_t tokens) {
  const auto S = static_cast<double>(tokens), D = static_cast<double>(config.text.tower.hidden_size);
  return encoder_flops(config.text.tower, S, S * (S + 1) / 2) +
         models::products(D * static_cast<double>(config.projection_dim));
}

}  // namespace drf::clip
