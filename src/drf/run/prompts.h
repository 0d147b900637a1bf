#pragma once
// The prompts of a run and, for each, the questions about it.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "drf/questions/questions.h"
#include "drf/rewards/reward.h"
#include "drf/run/config.h"
#include "drf/templates/templates.h"

namespace drf::run {

/// Prompts of one file and, for each, its questions (none empty), where a reward asks any.
struct PromptSet {
  std::vector<std::string> prompts;
  std::vector<questions::QuestionList> questions;
  /// Questions that are never trained on (held out, paraphrases), one list a prompt, or nothing where the
  /// file has none.
  std::vector<questions::QuestionList> unseen{};
};

struct PromptSets {
  PromptSet train, held_out;
  const PromptSet& of(rewards::Split split) const {
    return split == rewards::Split::kTrain ? train : held_out;
  }
};

/// Who writes the questions of training prompts where config.questions.written(): all of them, trained on or
/// not. `references`: a clip a prompt, or "".
using WriteQuestions = std::function<std::vector<questions::Question>(
    const std::vector<std::string>& prompts, const std::vector<std::string>& references)>;

/// Those that a configuration names, with the questions of its file or its templates. Questions that a
/// language model is to write are those that the run in config.output.dir has kept (questions.jsonl), else
/// what `write` gives; without it Error(kConfig). A generator of fields, which reads no text, has one empty
/// prompt in each set. Throws Error(kConfig) or Error(kInput); also for a training prompt without a question
/// that counts, which would cost as much as any other and teach nothing.
PromptSets read_prompts(const RunConfig& config, const WriteQuestions& write = {});

/// Questions from the templates that `config` names, as the writer falls back to.
templates::QuestionOptions question_options(const RunConfig& config);
templates::TemplateSet template_set(const RunConfig& config);

/// All questions of a set as a question file's text, a prompt's unseen ones after the others.
std::string questions_text(const PromptSet& set);

/// Training prompt `index`. Throws Error(kConfig) that speaks of --prompt if there is none.
const std::string& require_prompt(const RunConfig& config, const PromptSets& prompts, int64_t index);

/// The prompts that an evaluation shows: the first config.eval.prompts of the held-out ones, or all (0).
/// Throws Error(kConfig) if there are none.
std::vector<std::string> evaluated_prompts(const RunConfig& config, const PromptSets& prompts);

/// Indices of the training prompts that have questions which are never trained on: the first
/// config.eval.prompts of them, or all (0).
std::vector<int64_t> prompts_with_unseen(const RunConfig& config, const PromptSets& prompts);
/// Those of them that a run's validations ask as well: no more than evaluated_prompts().
std::vector<int64_t> validated_with_unseen(const RunConfig& config, const PromptSets& prompts);

}  // namespace drf::run
