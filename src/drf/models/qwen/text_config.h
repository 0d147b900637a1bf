#pragma once
// The language model of Qwen's vision-language models by its numbers, and the part of config.json that says
// them. What the generations differ in are fields here, not branches in the layers.

#include <cstdint>
#include <optional>
#include <vector>

#include "drf/tensor/json_config.h"

namespace drf::qwen {

struct TextConfig {
  int64_t vocab_size = 152064;
  int64_t hidden_size = 3584;
  int64_t intermediate_size = 18944;
  int64_t num_layers = 28;
  int64_t num_heads = 28;
  int64_t num_kv_heads = 4;       ///< divides num_heads
  int64_t max_positions = 32768;  ///< that the model was made for: of a text, what is written counted
  int64_t head_dim = 128;         ///< even; num_heads * head_dim need not be hidden_size
  double rms_norm_eps = 1e-6;
  double rope_theta = 1e6;
  /// Frequencies of the head turned by time, height, width. In sections: they follow each other (repeating)
  /// and add up to head_dim / 2. Interleaved: rows take frequencies 1, 4, 7, ... below 3 * the second,
  /// columns 2, 5, 8, ... below 3 * the third, time the rest.
  std::vector<int64_t> mrope_section;
  bool interleaved = false;
  bool qkv_bias = true;                 ///< of q_proj, k_proj, v_proj
  bool qk_norm = false;                 ///< queries and keys are normalised over the head before they turn
  std::optional<int64_t> pad_token_id;  ///< its embedding takes no gradient, as torch's padding_idx

  /// The axis (0 time, 1 row, 2 column) that each of the head_dim / 2 frequencies turns with.
  std::vector<int64_t> frequency_axes() const;
};

/// Sizes, norms and rotary positions of `json`, both spellings of the latter (rope_scaling, and
/// rope_parameters of transformers 5); keys that are left out have the values of `defaults`, whose
/// interleaved, qkv_bias and qk_norm hold. head_dim is not read: the generations differ in where it comes
/// from. Throws Error(kInput) naming file, key, got and wanted for numbers that make no sense and what is not
/// supported: activations other than silu, rotary scaling (yarn, ...).
TextConfig read_text_sizes(const JsonConfig& json, TextConfig defaults);

/// Rotary positions, once head_dim is known. Throws as read_text_sizes.
void read_rope(const JsonConfig& json, TextConfig& text);

/// `key`: how many heads `width` is cut into, each a multiple of `multiple`.
int64_t read_heads(const JsonConfig& json, const char* key, int64_t fallback, int64_t width,
                   int64_t multiple);

}  // namespace drf::qwen
