#pragma once
// What the configuration says of rewards that learn while a run trains (rewards/learner.h).

#include <utility>
#include <vector>

#include "drf/flow/scorer.h"
#include "drf/rewards/surrogate_reward.h"
#include "drf/run/config.h"

namespace drf::run {

/// What a reward of the list does in training.
flow::Role role_of(const RunConfig& config, const RewardTermConfig& term);
/// What is said of a surrogate; of another kind nothing that is read.
rewards::SurrogateOptions surrogate_options(const RunConfig& config, const RewardTermConfig& term);

/// Clips, as (prompt, draw), that learners see before the first update: clip i is draw i, four after one
/// another are of one prompt, and the prompts are spread over all. Empty without learners.
std::vector<std::pair<int64_t, int64_t>> clips_before_start(const RunConfig& config, int64_t prompts);

}  // namespace drf::run
