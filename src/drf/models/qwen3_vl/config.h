#pragma once
// config.json of a dense Qwen3-VL checkpoint (Qwen3VLForConditionalGeneration), with its rotary positions in
// the spelling of transformers 4.57 (rope_theta, rope_scaling) or 5.x (rope_parameters).

#include <cstdint>
#include <filesystem>
#include <vector>

#include "drf/models/qwen/media_tokens.h"
#include "drf/models/qwen/patch_sizes.h"
#include "drf/models/qwen/text_config.h"
#include "drf/tensor/json_config.h"

namespace drf::qwen3 {

struct VisionConfig : qwen::PatchSizes {
  int64_t depth = 27;
  int64_t hidden_size = 1152;
  int64_t intermediate_size = 4304;
  int64_t num_heads = 16;
  int64_t out_hidden_size = 3584;  ///< equals the language model's hidden_size
  int64_t num_positions = 2304;    ///< learned, of a square grid of table_side() patches a side
  /// Blocks whose output also goes to the language model, each through a merger of its own; none twice.
  std::vector<int64_t> deepstack_blocks;
  double rope_theta = 10000.0;

  int64_t head_dim() const { return hidden_size / num_heads; }  ///< a multiple of 4
  int64_t table_side() const;  ///< whole part of the root; what is beyond its square is never looked up
};

struct Config : qwen::MediaTokens {
  VisionConfig vision;
  qwen::TextConfig text;
  bool tie_word_embeddings = false;  ///< the head is the embedding; there is no lm_head.weight

  /// FOLDER/config.json; keys that are left out have the defaults of transformers' classes. Throws
  /// Error(kInput) naming file, key, got and wanted for numbers that make no sense, sizes that do not fit
  /// each other, and what is not supported: quantised checkpoints, other model types (so, mixtures of
  /// experts), other activations, attention with bias, rotary scaling, frequencies in sections, and more
  /// deepstack entries than the language model has layers (the reference drops those without a word).
  static Config read(const std::filesystem::path& folder);
  static Config read(const JsonConfig& json);
};

}  // namespace drf::qwen3
