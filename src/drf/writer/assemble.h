#pragma once
// From drafts to the questions of a file: ids, twins, paraphrases, and which are kept apart.

#include <vector>

#include "drf/writer/draft.h"

namespace drf::writer {

struct AssembleOptions {
  bool twins = true;
  /// Share of the facts that is held out, in [0, 1): a question, its twin and its paraphrase together. Drawn
  /// by `seed`, the prompt and the question's words, so that a fact stays on its side when others come or go.
  /// Of each aspect of a prompt at least one fact that counts is trained on.
  double held_out = 0;
  uint64_t seed = 0;
};

/// The drafts' questions, by prompt and then as they stand: ids "p{prompt}-q{n}", twins after their question,
/// paraphrases ("p0-q3-p") after both. Questions with a second clip are never held out.
std::vector<critic::Question> assemble(const std::vector<Draft>& drafts, const AssembleOptions& options);

}  // namespace drf::writer
