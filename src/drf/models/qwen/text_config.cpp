#include "drf/models/qwen/text_config.h"

#include "drf/base/error.h"

namespace drf::qwen {
namespace {

constexpr int64_t kMostTokens = 1 << 24;  // of a vocabulary

}  // namespace

std::vector<int64_t> TextConfig::frequency_axes() const {
  std::vector<int64_t> axes;
  if (!interleaved) {
    for (size_t i = 0; i < mrope_section.size(); ++i) {
      axes.insert(axes.end(), static_cast<size_t>(mrope_section[i]), static_cast<int64_t>(i % 3));
    }
    return axes;
  }
  for (int64_t frequency = 0; frequency < head_dim / 2; ++frequency) {
    const int64_t axis = frequency % 3;
    axes.push_back(frequency < 3 * mrope_section[static_cast<size_t>(axis)] ? axis : 0);
  }
  return axes;
}

int64_t read_heads(const JsonConfig& json, const char* key, int64_t fallback, int64_t width,
                   int64_t multiple) {
  const int64_t heads = json.size(key, fallback);
  if (width % heads != 0 || width / heads % multiple != 0) {
    json.reject(key, concat("is ", heads, ", but hidden_size ", width,
                            " over it must be a whole multiple of ", multiple));
  }
  return heads;
}

// rope_scaling (before transformers 5) goes before rope_parameters, as in transformers; rope_theta may lie
// in it or beside it.
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
  // The reference does not read it where it interleaves.
  if (text.interleaved && !rope.boolean("mrope_interleaved", true)) {
    rope.reject("mrope_interleaved",
                "is false, but this model's frequencies are interleaved; remove the key");
  }
  text.rope_theta = rope.positive("rope_theta", json.positive("rope_theta", text.rope_theta));
  text.mrope_section = rope.integers("mrope_section", text.mrope_section);
  if (text.mrope_section.size() != 3)
    rope.reject("mrope_section", concat("is ", text.mrope_section, ", wanted three: time, height, width"));
  // Interleaved, a section may reach beyond the head, and what none claims is time's.
  const int64_t half = text.head_dim / 2, most = text.interleaved ? JsonConfig::kMostExtent : text.head_dim;
  int64_t sum = 0;
  for (const int64_t section : text.mrope_section) {
    if (section < 1 || section > most) {
      rope.reject("mrope_section", concat("is ", text.mrope_section, ", wanted positive numbers",
                                          text.interleaved ? "" : concat(" that add up to ", half)));
    }
    sum += section;
  }
  if (!text.interleaved && sum != half)
    rope.reject("mrope_section", concat("adds up to ", sum, ", but half a head is ", half));
}

TextConfig read_text_sizes(const JsonConfig& json, TextConfig t) {
  json.require_absent_or("hidden_act", "silu");
  t.vocab_size = json.size("vocab_size", t.vocab_size, kMostTokens);
  t.hidden_size = json.size("hidden_size", t.hidden_size);
  t.intermediate_size = json.size("intermediate_size", t.intermediate_size);
  t.num_layers = json.layers("num_hidden_layers", t.num_layers);
  t.num_heads = json.size("num_attention_heads", t.num_heads);
  t.num_kv_heads =
      json.size("num_key_value_heads", json.is_null("num_key_value_heads") ? t.num_heads : t.num_kv_heads);
  if (t.num_heads % t.num_kv_heads != 0) {
    json.reject("num_key_value_heads",
                concat("is ", t.num_kv_heads, ", which does not divide num_attention_heads ", t.num_heads));
  }
  t.rms_norm_eps = json.positive("rms_norm_eps", t.rms_norm_eps);
  t.max_positions = json.size("max_position_embeddings", t.max_positions);
  if (json.has("pad_token_id")) t.pad_token_id = json.integer("pad_token_id");
  return t;
}

}  // namespace drf::qwen
