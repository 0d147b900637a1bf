#pragma once
// Which prompts an update trains on: a seeded shuffle of all of them, epoch after epoch.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "drf/run/prompts.h"

namespace drf::run {

/// The clips of update `u` (from 0) and micro-batch `m`, as (prompt, the draw that keys its noise), of a run
/// over `prompts` prompts. Updates that share a rollout (flow.reuse, flow.rollouts) share them.
/// With flow.rule = "policy_gradient" each prompt comes policy_gradient.group times in a row.
std::vector<std::pair<int64_t, int64_t>> clips_of_update(const RunConfig& config, int64_t prompts, int64_t u,
                                                         int64_t m);

/// The prompts that a run needs from update `u` on: those it trains on and those of the evaluations in
/// between (train.eval_every), held-out ones and those with questions that are never trained on, each once.
std::vector<std::string> prompts_to_come(const RunConfig& config, const PromptSets& prompts, int64_t u);

}  // namespace drf::run
