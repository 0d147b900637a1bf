#include "drf/models/wan/transformer_config.h"

#include "drf/base/error.h"

namespace drf::wan {
namespace {

constexpr int64_t kMostPatch = 64;  // latents a side
constexpr int64_t kMostChannels = 1 << 16;

}  // namespace

TransformerConfig TransformerConfig::read(const JsonConfig& json) {
  json.require_absent_or("_class_name", "WanTransformer3DModel");
  json.require_absent_or("qk_norm", "rms_norm_across_heads");
  for (const char* key : {"image_dim", "added_kv_proj_dim", "pos_embed_seq_len"}) {
    if (json.has(key))
      json.reject(key, "is set: image-conditioned Wan models are not supported, use a T2V checkpoint");
  }
  json.refuse_quantised();
  // The defaults of diffusers' class, which are the 14B model's.
  TransformerConfig c;
  const auto patch = json.integers("patch_size", {1, 2, 2});
  if (patch.size() != 3) json.reject("patch_size", "wanted three numbers: frames, height, width");
  for (const int64_t extent : patch) {
    if (extent < 1 || extent > kMostPatch)
      json.reject("patch_size", concat("is ", patch, ", must be positive, and ", kMostPatch, " at most"));
  }
  std::copy(patch.begin(), patch.end(), c.patch_size.begin());
  c.num_heads = json.size("num_attention_heads", 40);
  c.head_dim = json.size("attention_head_dim", 128);
  if (c.width() > JsonConfig::kMostExtent)
    json.reject("num_attention_heads",
                concat("is ", c.num_heads, ", times attention_head_dim ", c.head_dim, " a width of ",
                       c.width(), ", wanted ", JsonConfig::kMostExtent, " at most"));
  c.in_channels = json.size("in_channels", 16, kMostChannels);
  c.out_channels =
      json.is_null("out_channels") ? c.in_channels : json.size("out_channels", 16, kMostChannels);
  c.text_dim = json.size("text_dim", 4096);
  c.freq_dim = json.size("freq_dim", 256);
  c.ffn_dim = json.size("ffn_dim", 13824);
  c.num_layers = json.layers("num_layers", 40);
  c.cross_attn_norm = json.boolean("cross_attn_norm", true);
  c.eps = json.positive("eps", 1e-6);
  c.rope_max_seq_len = json.size("rope_max_seq_len", 1024);
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
