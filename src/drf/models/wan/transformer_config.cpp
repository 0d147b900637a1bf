#include "drf/models/wan/transformer_config.h"

#include "drf/base/error.h"

namespace drf::wan {

TransformerConfig TransformerConfig::read(const JsonConfig& json) {
  json.require_absent_or("_class_name", "WanTransformer3DModel");
  json.require_absent_or("qk_norm", "rms_norm_across_heads");
  for (const char* key : {"image_dim", "added_kv_proj_dim", "pos_embed_seq_len"}) {
    if (json.has(key))
      json.reject(key, "is set: image-conditioned Wan models are not supported, use a T2V checkpoint");
  }
  TransformerConfig c;
  const auto patch = json.integers("patch_size");
  if (patch.size() != 3) json.reject("patch_size", "wanted three numbers: frames, height, width");
  std::copy(patch.begin(), patch.end(), c.patch_size.begin());
  c.num_heads = json.integer("num_attention_heads");
  c.head_dim = json.integer("attention_head_dim");
  c.in_channels = json.integer("in_channels");
  c.out_channels = json.integer("out_channels", c.in_channels);
  c.text_dim = json.integer("text_dim");
  c.freq_dim = json.integer("freq_dim");
  c.ffn_dim = json.integer("ffn_dim");
  c.num_layers = json.layers("num_layers");
  c.cross_attn_norm = json.boolean("cross_attn_norm", true);
  c.eps = json.number("eps", 1e-6);
  c.rope_max_seq_len = json.integer("rope_max_seq_len", 1024);

  const auto positive = [&](const char* key, int64_t value) {
    if (value <= 0) json.reject(key, concat("is ", value, ", must be positive"));
  };
  for (int64_t extent : c.patch_size) positive("patch_size", extent);
  positive("num_attention_heads", c.num_heads);
  positive("in_channels", c.in_channels);
  positive("text_dim", c.text_dim);
  positive("ffn_dim", c.ffn_dim);
  positive("rope_max_seq_len", c.rope_max_seq_len);
  if (c.head_dim < 6 || c.head_dim % 2)
    json.reject("attention_head_dim", concat("is ", c.head_dim, ", must be even and at least 6"));
  if (c.freq_dim < 2 || c.freq_dim % 2)
    json.reject("freq_dim", concat("is ", c.freq_dim, ", must be even and positive"));
  if (c.out_channels != c.in_channels) {
    json.reject("in_channels", concat("is ", c.in_channels, " with out_channels ", c.out_channels,
                                      ": conditioned variants are not supported, use a T2V checkpoint"));
  }
  return c;
}

}  // namespace drf::wan
