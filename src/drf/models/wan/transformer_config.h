#pragma once
// transformer/config.json of a diffusers Wan checkpoint (WanTransformer3DModel).

#include <array>
#include <cstdint>

#include "drf/tensor/json_config.h"

namespace drf::wan {

struct TransformerConfig {
  std::array<int64_t, 3> patch_size{1, 2, 2};  ///< frames, height, width
  int64_t num_heads = 40;
  int64_t head_dim = 128;  ///< even, at least 6
  int64_t in_channels = 16;
  int64_t out_channels = 16;
  int64_t text_dim = 4096;
  int64_t freq_dim = 256;  ///< width of the sinusoidal time embedding
  int64_t ffn_dim = 13824;
  int64_t num_layers = 40;
  bool cross_attn_norm = true;
  double eps = 1e-6;
  int64_t rope_max_seq_len = 1024;  ///< largest extent in patches along each axis

  int64_t width() const { return num_heads * head_dim; }
  int64_t patch_volume() const { return patch_size[0] * patch_size[1] * patch_size[2]; }

  /// Keys that are absent have the defaults of diffusers' class. Throws Error(kInput) for numbers that make
  /// no sense, quantised checkpoints, other classes, and variants that are not text-to-video (image
  /// conditioning: image_dim, added_kv_proj_dim, pos_embed_seq_len) or not of equal in and out channels.
  static TransformerConfig read(const JsonConfig& json);
};

}  // namespace drf::wan
