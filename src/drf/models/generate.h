#pragma once
// How a language model is asked to go on with texts: greedily, several at once, with a say in what may come
// next. models::VisionLanguage::generate() does it.
//
// Shape letters: R texts that are still written, V vocabulary.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace drf::models {

/// A text to go on with.
struct Prompt {
  std::vector<int64_t> ids;  ///< at least one
  int64_t max_tokens = 0;    ///< of what is written, the end token counted; > 0
};

struct Written {
  std::vector<int64_t> ids;  ///< without the end token
  bool ended = false;        ///< by an end token; false: max_tokens cut it
};

struct Generation {
  /// Any of them ends a text, and is not part of it.
  std::vector<int64_t> end_ids;
  /// Called before each token with the logits of all texts that are still written, float32 or wider, on the
  /// model's device. Row r is of prompt prompts[r], of which written[prompts[r]] is there so far. May change
  /// the logits in place: what is at -infinity is not taken. Empty: nothing is changed.
  std::function<void(const std::vector<size_t>& prompts, const std::vector<Written>& written,
                     at::Tensor& logits_RV)>
      steer;
  /// Called when a text is whole. Empty: nobody listens.
  std::function<void(size_t prompt, const Written& written)> finished;
};

}  // namespace drf::models
