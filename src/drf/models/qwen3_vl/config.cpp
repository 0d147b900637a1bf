#include "drf/models/qwen3_vl/config.h"

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"

namespace drf::qwen3 {
namespace {

// Defaults are those of transformers' Qwen3VLVisionConfig and Qwen3VLTextConfig (5.23), not of any release: a
// config.json is saved without the keys that equal them.

VisionConfig read_vision(const JsonConfig& json) {
  json.require_absent_or("hidden_act", "gelu_pytorch_tanh");
  VisionConfig v;
  v.patch_size = 16;
  qwen::read_patch_sizes(json, v);
  v.depth = json.layers("depth", v.depth);
  v.hidden_size = json.size("hidden_size", v.hidden_size);
  v.intermediate_size = json.size("intermediate_size", v.intermediate_size);
  // Half a head turns with rows, half with columns, each in pairs.
  v.num_heads = qwen::read_heads(json, "num_heads", v.num_heads, v.hidden_size, 4);
  v.out_hidden_size = json.size("out_hidden_size", v.out_hidden_size);
  v.num_positions = json.size("num_position_embeddings", v.num_positions);
  v.rope_theta = qwen::read_axial_theta(json, v.rope_theta);
  v.deepstack_blocks = json.integers("deepstack_visual_indexes", {8, 16, 24});
  for (size_t i = 0; i < v.deepstack_blocks.size(); ++i) {
    const int64_t block = v.deepstack_blocks[i];
    if (block < 0 || block >= v.depth) {
      json.reject("deepstack_visual_indexes",
                  concat("holds ", block, ", wanted indices of the ", v.depth, " blocks"));
    }
    if (std::count(v.deepstack_blocks.begin(), v.deepstack_blocks.end(), block) > 1)
      json.reject("deepstack_visual_indexes",
                  concat("holds ", block, " twice; its second merger would be idle"));
  }
  return v;
}

qwen::TextConfig read_text(const JsonConfig& json) {
  if (json.boolean("attention_bias", false))
    json.reject("attention_bias", "is true, which no released Qwen3-VL is; only false is supported");
  qwen::TextConfig t;
  t.vocab_size = 151936;
  t.hidden_size = 4096;
  t.intermediate_size = 22016;
  t.num_layers = 32;
  t.num_heads = 32;
  t.num_kv_heads = 32;
  t.max_positions = 128'000;
  t.rms_norm_eps = 1e-6;
  t.rope_theta = 5e5;
  t.mrope_section = {24, 20, 20};
  t.interleaved = true;
  t.qkv_bias = false;
  t.qk_norm = true;
  t = qwen::read_text_sizes(json, t);
  t.head_dim = json.size("head_dim", 128);
  if (t.head_dim % 2 != 0) json.reject("head_dim", concat("is ", t.head_dim, ", must be even"));
  qwen::read_rope(json, t);
  return t;
}

}  // namespace

int64_t VisionConfig::table_side() const {
  return static_cast<int64_t>(std::sqrt(static_cast<double>(num_positions)));
}

Config Config::read(const std::filesystem::path& folder) {
  return read(JsonConfig::read(folder / "config.json"));
}

Config Config::read(const JsonConfig& json) {
  json.require_absent_or("model_type", "qwen3_vl");
  json.refuse_quantised();
  const auto part = [&](const char* key) {
    return json.has(key) ? json.object(key)
                         : JsonConfig(nlohmann::json::object(), concat(json.where(), ": ", key));
  };
  const JsonConfig text = part("text_config"), vision = part("vision_config");
  text.require_absent_or("model_type", "qwen3_vl_text");
  Config config;
  config.text = read_text(text);
  config.vision = read_vision(vision);
  if (config.vision.out_hidden_size != config.text.hidden_size) {
    vision.reject("out_hidden_size",
                  concat("is ", config.vision.out_hidden_size, ", but the language model's hidden_size is ",
                         config.text.hidden_size));
  }
  if (static_cast<int64_t>(config.vision.deepstack_blocks.size()) > config.text.num_layers) {
    vision.reject("deepstack_visual_indexes", concat("has ", config.vision.deepstack_blocks.size(),
                                                     " entries, but the language model has ",
                                                     config.text.num_layers, " layers to add them after"));
  }
  // Some copies of the small models have the flag in one place only.
  config.tie_word_embeddings =
      json.boolean("tie_word_embeddings", false) || text.boolean("tie_word_embeddings", false);
  qwen::read_media_tokens(json, config);
  return config;
}

}  // namespace drf::qwen3
