#pragma once
// The configuration's rules about [robust]: what there is to move, and who reads it.

#include "drf/run/config.h"

namespace drf::run {

/// Part of RunConfig::validate. Throws Error(kConfig) naming the key, its value and what is wanted.
void validate_robust(const RunConfig& config);

}  // namespace drf::run
