#include "drf/models/umt5/config.h"

#include <map>

#include "drf/base/error.h"

namespace drf::umt5 {

Config Config::read(const JsonConfig& json) {
  json.require_absent_or("model_type", "umt5");
  Config c;
  json.refuse_quantised();
  // The defaults of transformers' UMT5Config, which are google/umt5-small's.
  c.vocab_size = json.size("vocab_size", 250112, 1 << 24);
  c.d_model = json.size("d_model", 512);
  c.d_kv = json.size("d_kv", 64);
  c.d_ff = json.size("d_ff", 1024);
  c.num_layers = json.layers("num_layers", 8);
  c.num_heads = json.size("num_heads", 6, 1 << 12);
  c.num_buckets = json.size("relative_attention_num_buckets", 32);
  c.max_distance = json.size("relative_attention_max_distance", 128);
  c.eps = json.positive("layer_norm_epsilon", 1e-6);
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
