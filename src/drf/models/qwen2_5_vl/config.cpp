#include "drf/models/qwen2_5_vl/config.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::qwen {
namespace {

constexpr int64_t kMostPatch = 256;       // pixels or frames a side
constexpr int64_t kMostTokens = 1 << 24;  // of a vocabulary

// Defaults are those of transformers' Qwen2_5_VLVisionConfig and Qwen2_5_VLTextConfig (the same in 4.49
// and 5.23), not of any release: a config.json is saved without the keys that equal them.

int64_t heads_of(const JsonConfig& json, const std::string& key, int64_t fallback, int64_t width,
                 int64_t multiple) {
  const int64_t heads = json.size(key, fallback);
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
  v.depth = json.layers("depth", 32);
  v.hidden_size = json.size("hidden_size", 3584);
  v.intermediate_size = json.size("intermediate_size", 3420);
  // Half a head turns with rows, half with columns, each in pairs.
  v.num_heads = heads_of(json, "num_heads", 16, v.hidden_size, 4);
  v.patch_size = json.size("patch_size", 14, kMostPatch);
  v.temporal_patch_size = json.size("temporal_patch_size", 2, kMostPatch);
  v.spatial_merge_size = json.size("spatial_merge_size", 2, kMostPatch);
  v.window_size = json.size("window_size", 112);
  if (v.window_tokens() < 1) {
    json.reject("window_size", concat("is ", v.window_size, ", less than patch_size * spatial_merge_size = ",
                                      v.patch_size * v.spatial_merge_size));
  }
  v.out_hidden_size = json.size("out_hidden_size", 3584);
  v.tokens_per_second = json.size("tokens_per_second", 4);
  v.full_attention_blocks = json.integers("fullatt_block_indexes", {7, 15, 23, 31});
  for (const int64_t block : v.full_attention_blocks) {
    if (block < 0)
      json.reject("fullatt_block_indexes", concat("holds ", block, ", wanted indices of blocks"));
  }
  if (json.has("rope_parameters")) {
    const JsonConfig rope = json.object("rope_parameters");
    if (rope.text("rope_type", "axial") != "default") rope.require_absent_or("rope_type", "axial");
    v.rope_theta = rope.positive("rope_theta", v.rope_theta);
  }
  return v;
}

/// rope_scaling (before transformers 5) goes before rope_parameters, as in transformers; rope_theta may lie
/// in it or beside it.
void read_rope(const JsonConfig& json, TextConfig& text) {
  const auto given = [&](const char* key) { return json.has(key) && !json.json()[key].empty(); };
  const JsonConfig rope = given("rope_scaling")      ? json.object("rope_scaling")
                          : given("rope_parameters") ? json.object("rope_parameters")
                                                     : JsonConfig(nlohmann::json::object(), json.where());
  for (const char* key : {"rope_type", "type"}) {
    const std::string type = rope.text(key, "default");
    if (type != "default" && type != "mrope") {
      rope.reject(key, concat("is \"", type,
                              "\"; only plain rotary positions (default, mrope) are "
                              "supported"));
    }
  }
  text.rope_theta = rope.positive("rope_theta", json.positive("rope_theta", 1e6));
  text.mrope_section = rope.integers("mrope_section", {16, 24, 24});
  if (text.mrope_section.size() != 3)
    rope.reject("mrope_section", concat("is ", text.mrope_section, ", wanted three: time, height, width"));
  int64_t sum = 0;
  for (const int64_t section : text.mrope_section) {
    if (section < 1 || section > text.head_dim()) {
      rope.reject("mrope_section", concat("is ", text.mrope_section,
                                          ", wanted positive numbers that add up to ", text.head_dim() / 2));
    }
    sum += section;
  }
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
  } else if (json.boolean("use_sliding_window", false) && !json.is_null("sliding_window") &&
             json.integer("max_window_layers", 80) < num_layers) {
    json.reject("use_sliding_window", reason);
  }
}

TextConfig read_text(const JsonConfig& json) {
  json.require_absent_or("hidden_act", "silu");
  TextConfig t;
  t.vocab_size = json.size("vocab_size", 152064, kMostTokens);
  t.hidden_size = json.size("hidden_size", 8192);
  t.intermediate_size = json.size("intermediate_size", 29568);
  t.num_layers = json.layers("num_hidden_layers", 80);
  refuse_sliding_windows(json, t.num_layers);
  t.num_heads = heads_of(json, "num_attention_heads", 64, t.hidden_size, 2);
  json.require_absent_or("head_dim", t.head_dim());
  t.num_kv_heads = json.size("num_key_value_heads", json.is_null("num_key_value_heads") ? t.num_heads : 8);
  if (t.num_heads % t.num_kv_heads != 0) {
    json.reject("num_key_value_heads",
                concat("is ", t.num_kv_heads, ", which does not divide num_attention_heads ", t.num_heads));
  }
  t.rms_norm_eps = json.positive("rms_norm_eps", 1e-5);
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
  config.image_token_id = json.integer("image_token_id", config.image_token_id);
  config.video_token_id = json.integer("video_token_id", config.video_token_id);
  config.vision_start_token_id = json.integer("vision_start_token_id", config.vision_start_token_id);
  config.vision_end_token_id = json.integer("vision_end_token_id", config.vision_end_token_id);
  return config;
}

}  // namespace drf::qwen
