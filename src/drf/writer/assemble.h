#pragma once
// From drafts to the questions of a file: ids, twins, paraphrases, and which are kept apart.

#include <vector>

#include "drf/writer/draft.h"

namespace drf::writer {

struct AssembleOptions {
  double held_out = 0;  ///< share of the facts that is never trained on, in [0, 1): held_out.h
  uint64_t seed = 0;    ///< draws them
};

/// The drafts' questions, by prompt and then as they stand: ids "p{prompt}-q{n}", twins that are asked after
/// their question, paraphrases ("p0-q3-p") after both.
std::vector<questions::Question> assemble(const std::vector<Draft>& drafts, const AssembleOptions& options);

}  // namespace drf::writer
