#pragma once
// The base model on the held-out prompts, once a run: its clips from the noise of every validation, what is
// measured of them, and their spread over some more seeds. Kept in the run's folder (base_clips.safetensors),
// so that a resumed run goes by the same ranges. No number of the training hangs on it.

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "drf/run/run.h"
#include "drf/run/run_directory.h"
#include "drf/train/clip_measures.h"
#include "drf/train/evaluation.h"
#include "drf/train/unseen_questions.h"

namespace drf::train {

struct BaseClips {
  int64_t clips = 0;          ///< that were made
  ClipRecord::Values values;  ///< over base_seeds() (ranges.h); empty where nobody sees frames
  std::vector<std::vector<at::Tensor>> overviews;  ///< by prompt and eval.seeds
  std::map<std::string, double> shown;             ///< as in a validation's line of metrics.jsonl
  PromptMeans by_prompt;
};

/// Each measure that is known of the base model: what is shown, and of the rest the mean over prompts.
std::map<std::string, double> measures_of(const BaseClips& base);

/// What a validation's line says of the rewards and the questions.
std::map<std::string, double> shown_of(const run::Run& run, const Evaluation& held_out,
                                       const UnseenQuestions& unseen);
PromptMeans by_prompt_of(const run::Run& run, const Evaluation& held_out, const UnseenQuestions& unseen);

/// From the run's folder, or made, and kept there if there is one. `setup`: what validations are measured on;
/// clips of another are made anew, and so, with a warning, are those of a file that is damaged or does not
/// hold what this run compares. Throws as evaluate().
BaseClips base_clips(run::Run& run, const run::RunDirectory* directory, const std::string& setup);

}  // namespace drf::train
