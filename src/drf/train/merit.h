#pragma once
// What a validation is worth, in one number: checkpoints/best is the best by it, and train.early_stop ends a
// run where it falls, so that what is left is the best by what fell.

#include <map>
#include <string>

#include "drf/run/config.h"
#include "drf/run/prompts.h"
#include "drf/train/prompt_means.h"

namespace drf::train {

/// A key of metrics.jsonl at validations: the judge, of several their sum (kJudges); without one the held-out
/// questions of training prompts ("p_right/held_out") where validations ask any; else "held_out_reward".
std::string merit_of(const run::RunConfig& config, const run::PromptSets& prompts);

constexpr const char* kJudges = "held_out_judges";
/// Adds kJudges to "held_out_reward/NAME" of several judges. A judge has no weight (config_rules.cpp).
void add_judges(const run::RunConfig& config, std::map<std::string, double>& shown);
void add_judges(const run::RunConfig& config, PromptMeans& by_prompt);

/// All that validations ask training prompts, as a text to tell it from another: "" where they ask nothing.
std::string asked_text(const run::RunConfig& config, const run::PromptSets& prompts);

}  // namespace drf::train
