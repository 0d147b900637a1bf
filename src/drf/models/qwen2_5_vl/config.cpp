#include "drf/models/qwen2_5_vl/config.h"

#include <algorithm>
#include <numeric>

#include "drf/base/error.h"

namespace drf::qwen {
namespace {

int64_t positive(const JsonConfig& json, const std::string& key, int64_t value) {
  if (value <= 0) json.reject(key, concat("is ", value, "; wanted a positive number"));
  return value;
}
int64_t positive(const JsonConfig& json, const std::string& key) {
  return positive(json, key, json.integer(key));
}

int64_t heads_of(const JsonConfig& json, const std::string& key, int64_t width, int64_t multiple) {
  const int64_t heads = positive(json, key);
  if (width % heads != 0 || width / heads % multiple != 0) {
    json.reject(key, concat("is ", heads, ", but hidden_size ", width,
                            " over it must be a whole multiple of ", multiple));
  }
  return heads;
}

VisionConfig read_vision(const JsonConfig& json) {
  json.require_absent_or("hidden_act", "silu");
  json.require_absent_or("in_channels", 3);
  json.require_absent_or("in_chans", 3);
  VisionConfig v;
  v.depth = json.layers("depth");
  v.hidden_size = positive(json, "hidden_size");
  v.intermediate_size = positive(json, "intermediate_size");
  // Half a head turns with rows, half with columns, each in pairs.
  v.num_heads = heads_of(json, "num_heads", v.hidden_size, 4);
  v.patch_size = positive(json, "patch_size");
  v.temporal_patch_size = positive(json, "temporal_patch_size");
  v.spatial_merge_size = positive(json, "spatial_merge_size");
  v.window_size = positive(json, "window_size");
  if (v.window_tokens() < 1) {
    json.reject("window_size", concat("is ", v.window_size, ", less than patch_size * spatial_merge_size = ",
                                      v.patch_size * v.spatial_merge_size));
  }
  v.out_hidden_size = positive(json, "out_hidden_size");
  v.tokens_per_second = json.integer("tokens_per_second", 4);
  v.full_attention_blocks = json.integers("fullatt_block_indexes");
  if (json.has("rope_parameters")) {
    const JsonConfig rope = json.object("rope_parameters");
    rope.require_absent_or("rope_type", "axial");
    v.rope_theta = rope.number("rope_theta", v.rope_theta);
  }
  return v;
}

/// `rope` is rope_parameters (transformers 5) or rope_scaling (before); rope_theta may lie in either place.
void read_rope(const JsonConfig& json, TextConfig& text) {
  const bool new_style = json.has("rope_parameters");
  const std::string key = new_style ? "rope_parameters" : "rope_scaling";
  if (!json.has(key)) json.reject(key, "is missing; it holds mrope_section");
  const JsonConfig rope = json.object(key);
  const std::string type = rope.text("rope_type", rope.text("type", "default"));
  if (type != "default" && type != "mrope") {
    rope.reject("rope_type", concat("is \"", type,
                                    "\"; only plain rotary positions (default, mrope) are "
                                    "supported"));
  }
  text.rope_theta = rope.has("rope_theta") ? rope.number("rope_theta") : json.number("rope_theta", 1e6);
  text.mrope_section = rope.integers("mrope_section", {16, 24, 24});
  const int64_t sum = std::accumulate(text.mrope_section.begin(), text.mrope_section.end(), int64_t{0});
  if (sum != text.head_dim() / 2) {
    rope.reject("mrope_section", concat("adds up to ", sum, ", but half a head is ", text.head_dim() / 2));
  }
}

void refuse_sliding_windows(const JsonConfig& json, int64_t num_layers) {
  const char* reason = "asks for sliding-window attention, which is not supported";
  if (json.has("layer_types")) {
    for (const auto& type : json.json()["layer_types"]) {
      if (type != "full_attention") json.reject("layer_types", reason);
    }
  } else if (json.boolean("use_sliding_window", false) && json.has("sliding_window") &&
             json.integer("max_window_layers", 80) < num_layers) {
    json.reject("use_sliding_window", reason);
  }
}

TextConfig read_text(const JsonConfig& json) {
  json.require_absent_or("hidden_act", "silu");
  TextConfig t;
  t.vocab_size = positive(json, "vocab_size");
  t.hidden_size = positive(json, "hidden_size");
  t.intermediate_size = positive(json, "intermediate_size");
  t.num_layers = json.layers("num_hidden_layers");
  refuse_sliding_windows(json, t.num_layers);
  t.num_heads = heads_of(json, "num_attention_heads", t.hidden_size, 2);
  json.require_absent_or("head_dim", t.head_dim());
  t.num_kv_heads = positive(json, "num_key_value_heads", json.integer("num_key_value_heads", t.num_heads));
  if (t.num_heads % t.num_kv_heads != 0) {
    json.reject("num_key_value_heads",
                concat("is ", t.num_kv_heads, ", which does not divide num_attention_heads ", t.num_heads));
  }
  t.rms_norm_eps = json.number("rms_norm_eps");
  if (json.has("pad_token_id")) t.pad_token_id = json.integer("pad_token_id");
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
  const JsonConfig text = json.has("text_config") ? json.object("text_config") : json;
  Config config;
  config.text = read_text(text);
  config.vision = read_vision(json.object("vision_config"));
  if (config.vision.out_hidden_size != config.text.hidden_size) {
    json.object("vision_config")
        .reject("out_hidden_size", concat("is ", config.vision.out_hidden_size,
                                          ", but the language model's "
                                          "hidden_size is ",
                                          config.text.hidden_size));
  }
  config.tie_word_embeddings =
      json.boolean("tie_word_embeddings", false) || text.boolean("tie_word_embeddings", false);
  config.image_token_id = json.integer("image_token_id", config.image_token_id);
  config.video_token_id = json.integer("video_token_id", config.video_token_id);
  config.vision_start_token_id = json.integer("vision_start_token_id", config.vision_start_token_id);
  config.vision_end_token_id = json.integer("vision_end_token_id", config.vision_end_token_id);
  return config;
}

}  // namespace drf::qwen
