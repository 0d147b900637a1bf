#pragma once
// text_encoder/config.json of a UMT5 encoder (transformers' UMT5Config).

#include <cstdint>

#include "drf/tensor/json_config.h"

namespace drf::umt5 {

enum class Activation { kGeluTanh, kGelu, kRelu, kSilu };

struct Config {
  int64_t vocab_size = 256384;
  int64_t d_model = 4096;  ///< width of the states
  int64_t d_kv = 64;       ///< width of a head; heads need not fill d_model
  int64_t d_ff = 10240;
  int64_t num_layers = 24;
  int64_t num_heads = 64;
  int64_t num_buckets = 32;    ///< relative_attention_num_buckets; half of them for each direction
  int64_t max_distance = 128;  ///< relative_attention_max_distance
  double eps = 1e-6;
  bool gated = true;  ///< feed_forward_proj "gated-...": two input projections, one of them activated
  Activation activation = Activation::kGeluTanh;

  /// Keys that are absent have UMT5Config's own defaults. Throws Error(kInput) for numbers that make no
  /// sense, quantised checkpoints, other model types (T5 shares one position bias between layers) and
  /// activations.
  static Config read(const JsonConfig& json);
};

}  // namespace drf::umt5
