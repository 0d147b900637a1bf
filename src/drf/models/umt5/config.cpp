#include "drf/models/umt5/config.h"

#include <map>

#include "drf/base/error.h"

namespace drf::umt5 {

Config Config::read(const JsonConfig& json) {
  json.require_absent_or("model_type", "umt5");
  Config c;
  const auto positive = [&](const char* key, int64_t value) {
    if (value <= 0) json.reject(key, concat("is ", value, ", must be positive"));
    return value;
  };
  c.vocab_size = positive("vocab_size", json.integer("vocab_size"));
  c.d_model = positive("d_model", json.integer("d_model"));
  c.d_kv = positive("d_kv", json.integer("d_kv"));
  c.d_ff = positive("d_ff", json.integer("d_ff"));
  c.num_layers = json.layers("num_layers");
  c.num_heads = positive("num_heads", json.integer("num_heads"));
  c.num_buckets = json.integer("relative_attention_num_buckets", 32);
  c.max_distance = json.integer("relative_attention_max_distance", 128);
  c.eps = json.number("layer_norm_epsilon", 1e-6);
  // Each direction has num_buckets / 2; half of those are single distances, the rest grow to max_distance.
  if (c.num_buckets < 4) {
    json.reject("relative_attention_num_buckets", concat("is ", c.num_buckets, ", must be at least 4"));
  }
  if (c.max_distance <= c.num_buckets / 4) {
    json.reject(
        "relative_attention_max_distance",
        concat("is ", c.max_distance, ", must be above a quarter of the buckets, ", c.num_buckets / 4));
  }
  static const std::map<std::string, Activation> kActivations = {{"gelu", Activation::kGelu},
                                                                 {"gelu_new", Activation::kGeluTanh},
                                                                 {"relu", Activation::kRelu},
                                                                 {"silu", Activation::kSilu}};
  std::string name = json.text("feed_forward_proj", "gated-gelu");
  const std::string whole = name;
  c.gated = name.rfind("gated-", 0) == 0;
  if (c.gated) name = name.substr(6);
  const auto activation = kActivations.find(name);
  if (activation == kActivations.end()) {
    json.reject("feed_forward_proj", concat("is '", whole, "': gelu, gelu_new, relu and silu are supported, ",
                                            "each also as gated-..."));
  }
  // The one name that is not what it says: T5's gated GELU is the tanh approximation.
  c.activation = whole == "gated-gelu" ? Activation::kGeluTanh : activation->second;
  return c;
}

}  // namespace drf::umt5
