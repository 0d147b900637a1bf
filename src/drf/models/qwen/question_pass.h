#pragma once
// All questions about a batch of clips in one pass of a language model: each clip's prefix (the prompt up to
// and with its videos) is computed once, its questions see the prefix and themselves.
//
// Shape letters: B clips, P prefix tokens, V video tokens of a clip, D width, R wanted positions.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/models/qwen/language.h"
#include "drf/models/qwen/positions.h"
#include "drf/models/vision_language.h"

namespace drf::qwen {

using models::Suffix;

/// All questions about a batch of clips.
struct QuestionBatch {
  std::vector<int64_t> prefix_ids;  ///< the same for all clips; holds the V video tokens in their runs
  std::vector<std::vector<Suffix>> suffixes;  ///< one list a clip; any number of any lengths
};

/// What a vision tower made of the videos that a prompt shows, in the order of its runs.
struct VideoTokens {
  at::Tensor tokens_BVD;  ///< stand in the places of the prompt's video tokens
  std::vector<at::Tensor> added_BVD =
      {};  ///< deepstack: added to the hidden states of those after layer 0, 1, ...
};

/// A language model and its head.
struct Speaker {
  const LanguageModel& language;
  const at::Tensor& head;  ///< [vocabulary, D]
};

/// Next-token logits of hidden states after the final norm, [..., vocabulary], float32 or wider. Half weights
/// are widened for the product, so that the logits do not carry a half type's rounding.
at::Tensor speak(const at::Tensor& hidden, const at::Tensor& head);

/// A head for many calls of speak(), with the same bits: half weights are widened once, which takes twice
/// their bytes more. Slices of the vocabulary, as speak() takes them.
std::vector<at::Tensor> widen(const at::Tensor& head);
at::Tensor speak(const at::Tensor& hidden, const std::vector<at::Tensor>& wide);

/// Throws Error(kInput) for an id that is not in the vocabulary.
void check_ids(const TextConfig& config, const std::vector<int64_t>& ids);

/// Next-token logits at the wanted positions of all questions, with position ids as if each stood alone:
/// [R, vocabulary], float32 or wider, in order of clip, question, `wanted`. `prefix`: of
/// questions.prefix_ids. `constant`: the first videos, of one row for all clips (or undefined). The prefix up
/// to their end is computed once, without a graph, and the rest attends to it. Throws Error(kInput) for an id
/// that is not in the vocabulary.
at::Tensor answer_logits(const Speaker& speaker, const VideoTokens& constant, const VideoTokens& video,
                         const Positions& prefix, const QuestionBatch& questions, const nn::BlockRunner& run);

/// The plain path: one whole sequence a clip, all logits. ids: the same for all clips -> [B, S, vocabulary],
/// float32 or wider. Throws as answer_logits.
at::Tensor sequence_logits(const Speaker& speaker, const VideoTokens& video, const Positions& positions,
                           const std::vector<int64_t>& ids, const nn::BlockRunner& run);

}  // namespace drf::qwen
