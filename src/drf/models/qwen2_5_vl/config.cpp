#include "drf/models/qwen2_5_vl/config.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::qwen {
namespace {

// Defaults are those of transformers' Qwen2_5_VLVisionConfig and Qwen2_5_VLTextConfig (the same in 4.49
// and 5.23), not of any release: a config.json is saved without the keys that equal them.

VisionConfig read_vision(const JsonConfig& json) {
  json.require_absent_or("hidden_act", "silu");
  VisionConfig v;
  v.depth = json.layers("depth", 32);
  v.hidden_size = json.size("hidden_size", 3584);
  v.intermediate_size = json.size("intermediate_size", 3420);
  // Half a head turns with rows, half with columns, each in pairs.
  v.num_heads = read_heads(json, "num_heads", 16, v.hidden_size, 4);
  read_patch_sizes(json, v);
  v.window_size = json.size("window_size", 112);
  if (v.window_tokens() < 1) {
    json.reject("window_size", concat("is ", v.window_size,
                                      ", less than patch_size * spatial_merge_size = ", v.token_side()));
  }
  v.out_hidden_size = json.size("out_hidden_size", 3584);
  v.tokens_per_second = json.size("tokens_per_second", 4);
  v.full_attention_blocks = json.integers("fullatt_block_indexes", {7, 15, 23, 31});
  for (const int64_t block : v.full_attention_blocks) {
    if (block < 0)
      json.reject("fullatt_block_indexes", concat("holds ", block, ", wanted indices of blocks"));
  }
  v.rope_theta = read_axial_theta(json, v.rope_theta);
  return v;
}

void refuse_sliding_windows(const JsonConfig& json, int64_t num_layers) {
  const char* reason = "asks for sliding-window attention, which is not supported";
  if (json.has("layer_types")) {
    for (const auto& type : json.json()["layer_types"]) {
      if (type != "full_attention") json.reject("layer_types", reason);
    }
  } else if (json.boolean("use_sliding_window", false) && !json.is_null("sliding_window") &&
             json.integer("max_window_layers", 80) < num_layers) {
    json.reject("use_sliding_window", reason);
  }
}

TextConfig text_defaults() {
  TextConfig t;
  t.vocab_size = 152064;
  t.hidden_size = 8192;
  t.intermediate_size = 29568;
  t.num_layers = 80;
  t.num_heads = 64;
  t.num_kv_heads = 8;
  t.rms_norm_eps = 1e-5;
  t.rope_theta = 1e6;
  t.mrope_section = {16, 24, 24};
  return t;
}

TextConfig read_text(const JsonConfig& json) {
  const TextConfig defaults = text_defaults();
  const int64_t width = json.size("hidden_size", defaults.hidden_size);
  const int64_t heads = read_heads(json, "num_attention_heads", defaults.num_heads, width, 2);
  TextConfig t = read_text_sizes(json, defaults);
  refuse_sliding_windows(json, t.num_layers);
  t.head_dim = width / heads;
  json.require_absent_or("head_dim", t.head_dim);
  read_rope(json, t);
  return t;
}

}  // namespace

bool VisionConfig::full_attention(int64_t block) const {
  return std::find(full_attention_blocks.begin(), full_attention_blocks.end(), block) !=
         full_attention_blocks.end();
}

Config Config::read(const std::filesystem::path& folder) {
  return read(JsonConfig::read(folder / "config.json"));
}

Config Config::read(const JsonConfig& json) {
  json.require_absent_or("model_type", "qwen2_5_vl");
  json.refuse_quantised();
  const JsonConfig text = json.has("text_config") ? json.object("text_config") : json;
  Config config;
  config.text = read_text(text);
  const JsonConfig vision = json.has("vision_config")
                                ? json.object("vision_config")
                                : JsonConfig(nlohmann::json::object(), json.where() + ": vision_config");
  config.vision = read_vision(vision);
  if (config.vision.out_hidden_size != config.text.hidden_size) {
    vision.reject("out_hidden_size", concat("is ", config.vision.out_hidden_size,
                                            ", but the language model's "
                                            "hidden_size is ",
                                            config.text.hidden_size));
  }
  config.tie_word_embeddings =
      json.boolean("tie_word_embeddings", false) || text.boolean("tie_word_embeddings", false);
  read_media_tokens(json, config);
  return config;
}

}  // namespace drf::qwen
