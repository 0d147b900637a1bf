#pragma once
// Greedy writing with a cache, several texts at once, without a graph. Equals transformers'
// generate(do_sample=False, repetition_penalty=1.0) with left padding and its cache (README.md).

#include <vector>

#include "drf/models/generate.h"
#include "drf/models/qwen/question_pass.h"

namespace drf::qwen {

/// One text a prompt. Text alone: all three positions of a token are its place. Throws Error(kInput) for a
/// prompt without tokens or an id that is not in the vocabulary, Error(kNumerics) where logits are not
/// numbers, Interrupted between two tokens.
std::vector<models::Written> generate(const Speaker& speaker, const std::vector<models::Prompt>& prompts,
                                      const models::Generation& how);

/// The most bytes that generate() keeps in its cache, in weights of `dtype`.
int64_t generation_bytes(const TextConfig& config, const std::vector<models::Prompt>& prompts,
                         at::ScalarType dtype);

/// What generate() takes besides, about: the MLP of a layer while `tokens` tokens are read, and the widened
/// head. What is small beside either (scores, logits, masks) is not in it.
int64_t writing_bytes(const TextConfig& config, int64_t tokens, at::ScalarType dtype);

}  // namespace drf::qwen
