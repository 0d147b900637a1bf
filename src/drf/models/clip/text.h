#pragma once
// The text tower: causal blocks over tokens; a text is what its end token has seen. Equals transformers'
// CLIPTextModel.
//
// Shape letters: B texts, S tokens, D width.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/models/clip/encoder.h"

namespace drf::clip {

/// Where a text of `ids` is read. eos_token_id 2, which older checkpoints have (openai's, laion's): the first
/// place of the largest id; else the first place of eos_token_id, or 0 where it is missing, as the reference.
int64_t pooled_position(const std::vector<int64_t>& ids, int64_t eos_token_id);

class TextTower : public nn::Module {
 public:
  explicit TextTower(const TextConfig& config);

  /// Any texts of 1 to max_positions ids -> [B, D], each by itself: no padding is seen. Throws Error(kInput)
  /// for ids outside the vocabulary and texts that are longer.
  at::Tensor forward(const std::vector<std::vector<int64_t>>& texts, const nn::BlockRunner& run) const;

 private:
  void check(const std::vector<int64_t>& ids) const;

  TextConfig config_;
  at::Tensor token_embedding_, position_embedding_;  // [vocab_size, D], [max_positions, D]
  Encoder encoder_;
  nn::LayerNorm final_layer_norm_;
};

}  // namespace drf::clip
