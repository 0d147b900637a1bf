#pragma once
// The prompts of a run and, for each, the questions about it.

#include <cstdint>
#include <string>
#include <vector>

#include "drf/critic/critic.h"
#include "drf/rewards/reward.h"
#include "drf/run/config.h"

namespace drf::run {

/// Prompts of one file and, for each, its questions (none empty), where a reward asks any.
struct PromptSet {
  std::vector<std::string> prompts;
  std::vector<critic::QuestionList> questions;
};

struct PromptSets {
  PromptSet train, held_out;
  const PromptSet& of(rewards::Split split) const {
    return split == rewards::Split::kTrain ? train : held_out;
  }
};

/// Those that a configuration names, with the questions of its file or its templates. A generator of fields,
/// which reads no text, has one empty prompt in each set. Throws Error(kConfig) or Error(kInput); also for a
/// training prompt without a question that counts, which would cost as much as any other and teach nothing.
PromptSets read_prompts(const RunConfig& config);

/// All questions of a set as a question file's text.
std::string questions_text(const PromptSet& set);

/// Training prompt `index`. Throws Error(kConfig) that speaks of --prompt if there is none.
const std::string& require_prompt(const RunConfig& config, const PromptSets& prompts, int64_t index);

/// The prompts that an evaluation shows: the first config.eval.prompts of the held-out ones, or all (0).
/// Throws Error(kConfig) if there are none.
std::vector<std::string> evaluated_prompts(const RunConfig& config, const PromptSets& prompts);

}  // namespace drf::run
