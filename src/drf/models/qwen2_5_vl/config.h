#pragma once
// config.json of a Qwen2.5-VL checkpoint (Qwen2_5_VLForConditionalGeneration), in both spellings: the hub's
// flat one (language keys at the top, rope_scaling, in_chans) and that of transformers 5 (text_config,
// rope_parameters).

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "drf/tensor/json_config.h"

namespace drf::qwen {

struct VisionConfig {
  int64_t depth = 32;
  int64_t hidden_size = 1280;
  int64_t intermediate_size = 3420;
  int64_t num_heads = 16;
  int64_t patch_size = 14;
  int64_t temporal_patch_size = 2;
  int64_t spatial_merge_size = 2;  ///< merge x merge patches become one token of the language model
  int64_t window_size = 112;       ///< pixels a side; a multiple of patch_size * spatial_merge_size
  int64_t out_hidden_size = 3584;  ///< equals TextConfig::hidden_size
  int64_t tokens_per_second = 2;   ///< temporal position ids in a second
  std::vector<int64_t> full_attention_blocks;  ///< the others attend within windows
  double rope_theta = 10000.0;

  int64_t head_dim() const { return hidden_size / num_heads; }  ///< a multiple of 4
  /// Values in one patch: (channel, temporal patch, row, column).
  int64_t patch_values() const { return 3 * temporal_patch_size * patch_size * patch_size; }
  int64_t merge_unit() const { return spatial_merge_size * spatial_merge_size; }
  /// Side of a window in language-model tokens.
  int64_t window_tokens() const { return window_size / spatial_merge_size / patch_size; }
  bool full_attention(int64_t block) const;
};

struct TextConfig {
  int64_t vocab_size = 152064;
  int64_t hidden_size = 3584;
  int64_t intermediate_size = 18944;
  int64_t num_layers = 28;
  int64_t num_heads = 28;
  int64_t num_kv_heads = 4;  ///< divides num_heads
  double rms_norm_eps = 1e-6;
  double rope_theta = 1e6;
  /// Frequencies of the head turned by time, height, width (repeating); they add up to head_dim / 2.
  std::vector<int64_t> mrope_section;
  std::optional<int64_t> pad_token_id;  ///< its embedding takes no gradient, as torch's padding_idx

  int64_t head_dim() const { return hidden_size / num_heads; }  ///< even
};

struct Config {
  VisionConfig vision;
  TextConfig text;
  bool tie_word_embeddings = false;  ///< the head is the embedding; there is no lm_head.weight
  int64_t image_token_id = 151655;
  int64_t video_token_id = 151656;
  int64_t vision_start_token_id = 151652;
  int64_t vision_end_token_id = 151653;

  /// FOLDER/config.json; keys that are left out have the defaults of transformers' classes. Throws
  /// Error(kInput) naming file, key, got and wanted for numbers that make no sense, sizes that do not fit
  /// each other, and what is not supported: quantised checkpoints, other model types, activations than silu,
  /// rotary scaling (yarn, ...), sliding-window attention, pictures of other than 3 channels.
  static Config read(const std::filesystem::path& folder);
  static Config read(const JsonConfig& json);
};

}  // namespace drf::qwen
