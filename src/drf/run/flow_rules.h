#pragma once
// The configuration's rules about [flow] and [matching]: what the chosen update rule and policy read.

#include <string>
#include <vector>

#include "drf/run/config.h"

namespace drf::run {

/// Part of RunConfig::validate. Throws Error(kConfig) naming the key, its value and what is wanted.
void validate_flow(const RunConfig& config, const std::vector<std::string>& policies);

}  // namespace drf::run
