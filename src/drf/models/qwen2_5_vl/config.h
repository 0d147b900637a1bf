#pragma once
// config.json of a Qwen2.5-VL checkpoint (Qwen2_5_VLForConditionalGeneration), in both spellings: the hub's
// flat one (language keys at the top, rope_scaling, in_chans) and that of transformers 5 (text_config,
// rope_parameters).

#include <cstdint>
#include <filesystem>
#include <vector>

#include "drf/models/qwen/media_tokens.h"
#include "drf/models/qwen/patch_sizes.h"
#include "drf/models/qwen/text_config.h"
#include "drf/tensor/json_config.h"

namespace drf::qwen {

struct VisionConfig : PatchSizes {
  int64_t depth = 32;
  int64_t hidden_size = 1280;
  int64_t intermediate_size = 3420;
  int64_t num_heads = 16;
  int64_t window_size = 112;                   ///< pixels a side; a multiple of token_side()
  int64_t out_hidden_size = 3584;              ///< equals TextConfig::hidden_size
  int64_t tokens_per_second = 2;               ///< temporal position ids in a second
  std::vector<int64_t> full_attention_blocks;  ///< the others attend within windows
  double rope_theta = 10000.0;

  int64_t head_dim() const { return hidden_size / num_heads; }  ///< a multiple of 4
  /// Side of a window in language-model tokens.
  int64_t window_tokens() const { return window_size / spatial_merge_size / patch_size; }
  bool full_attention(int64_t block) const;
};

struct Config : MediaTokens {
  VisionConfig vision;
  TextConfig text;
  bool tie_word_embeddings = false;  ///< the head is the embedding; there is no lm_head.weight

  /// FOLDER/config.json; keys that are left out have the defaults of transformers' classes. Throws
  /// Error(kInput) naming file, key, got and wanted for numbers that make no sense, sizes that do not fit
  /// each other, and what is not supported: quantised checkpoints, other model types, activations than silu,
  /// rotary scaling (yarn, ...), sliding-window attention, pictures of other than 3 channels.
  static Config read(const std::filesystem::path& folder);
  static Config read(const JsonConfig& json);
};

}  // namespace drf::qwen
