#pragma once
// The configuration's rules about [flow], [matching] and [policy_gradient]: what the chosen update rule and
// policy read.

#include <string>
#include <vector>

#include "drf/run/config.h"

namespace drf::run {

/// Part of RunConfig::validate. Throws Error(kConfig) naming the key, its value and what is wanted.
void validate_flow(const RunConfig& config, const std::vector<std::string>& policies);

/// Throws Error(kConfig), naming `command`, where the configuration's rule takes no gradient of the reward.
void require_reward_gradient(const RunConfig& config, const char* command);

}  // namespace drf::run
