#include "drf/models/clip/config.h"

#include "drf/base/error.h"

namespace drf::clip {
namespace {

constexpr int64_t kMostTokens = 1 << 24;  // of a vocabulary
constexpr int64_t kMostPixels = 1 << 13;  // a side

/// The section that counts: KEY_dict where it is there, else KEY; without either, the class's defaults.
JsonConfig section(const JsonConfig& json, const std::string& key) {
  for (const std::string& name : {key + "_dict", key}) {
    if (json.has(name)) return json.object(name);
  }
  return JsonConfig(nlohmann::json::object(), json.where() + ": " + key);
}

Activation read_activation(const JsonConfig& json) {
  const std::string name = json.text("hidden_act", "quick_gelu");
  if (name == "quick_gelu") return Activation::kQuickGelu;
  if (name == "gelu") return Activation::kGelu;
  json.reject("hidden_act", concat("is '", name, "'; quick_gelu and gelu are supported"));
}

TowerConfig read_tower(const JsonConfig& json, const TowerConfig& defaults) {
  TowerConfig t;
  t.hidden_size = json.size("hidden_size", defaults.hidden_size);
  t.intermediate_size = json.size("intermediate_size", defaults.intermediate_size);
  t.num_layers = json.layers("num_hidden_layers", defaults.num_layers);
  t.num_heads = json.size("num_attention_heads", defaults.num_heads);
  if (t.hidden_size % t.num_heads != 0) {
    json.reject("num_attention_heads",
                concat("is ", t.num_heads, ", which does not divide hidden_size ", t.hidden_size));
  }
  t.eps = json.positive("layer_norm_eps", defaults.eps);
  t.activation = read_activation(json);
  return t;
}

TextConfig read_text(const JsonConfig& json) {
  TextConfig t;
  t.tower = read_tower(json, {});
  t.vocab_size = json.size("vocab_size", t.vocab_size, kMostTokens);
  t.max_positions = json.size("max_position_embeddings", t.max_positions);
  if (t.max_positions < 2) {
    json.reject("max_position_embeddings", "is 1, but a text has a start and an end token");
  }
  if (json.is_null("eos_token_id")) {
    json.reject("eos_token_id", "is null, wanted the id of the token that ends a text");
  }
  t.eos_token_id = json.integer("eos_token_id", t.eos_token_id);
  return t;
}

VisionConfig read_vision(const JsonConfig& json) {
  json.require_absent_or("num_channels", 3);
  VisionConfig v;
  v.tower = read_tower(json, {.hidden_size = 768, .intermediate_size = 3072, .num_heads = 12});
  v.image_size = json.size("image_size", v.image_size, kMostPixels);
  v.patch_size = json.size("patch_size", v.patch_size, kMostPixels);
  if (v.patch_size > v.image_size) {
    json.reject("patch_size", concat("is ", v.patch_size, ", more than image_size ", v.image_size));
  }
  return v;
}

}  // namespace

Config Config::read(const std::filesystem::path& folder) {
  return read(JsonConfig::read(folder / "config.json"));
}

Config Config::read(const JsonConfig& json) {
  json.require_absent_or("model_type", "clip");
  json.refuse_quantised();
  Config config;
  config.text = read_text(section(json, "text_config"));
  config.vision = read_vision(section(json, "vision_config"));
  config.projection_dim = json.size("projection_dim", config.projection_dim);
  return config;
}

}  // namespace drf::clip
