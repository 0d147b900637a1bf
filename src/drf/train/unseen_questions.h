#pragma once
// Whether what was learnt carries over to questions that were not trained on: clips of training prompts,
// asked what is trained on, what was held out of the same file, and the same in other words. A reward that
// was gamed rises on the first and not on the others.

#include <optional>
#include <string>
#include <vector>

#include "drf/train/evaluation.h"

namespace drf::train {

/// Mean over clips of the probability of the right answer, yes/no questions only; nothing where no clip has
/// such a question.
struct UnseenQuestions {
  int64_t clips = 0;
  std::optional<Estimate> trained, held_out;
  /// `trained` in other words: the same questions on the same clips, each that has a paraphrase (or several:
  /// their mean) exchanged for it.
  std::optional<Estimate> paraphrases;
  PromptMeans by_prompt;  ///< "p_right/held_out", "p_right/paraphrases", ...
};

/// `draws` clips of each of some training prompts (run::prompts_with_unseen()), `batch` at a time, frames as
/// they are shown. Throws Error(kNumerics) at non-finite frames, and Interrupted.
UnseenQuestions ask_unseen(run::Run& run, nn::TrainableSet::Take take, int64_t draws, int64_t batch,
                           const std::vector<int64_t>& prompts);

}  // namespace drf::train
