#pragma once
// Settings that take less memory, tried in the order of what they cost.

#include <string>
#include <vector>

#include "drf/plan/plan.h"

namespace drf::plan {

/// One more change on top of the earlier ones.
struct Rung {
  std::string change;           ///< as --set takes it: "train.batch=1 train.accumulate=8"
  bool changes_result = false;  ///< beyond rounding: what is learnt is another thing
  double seconds = 0;           ///< that it adds to an update, where that is known: parking (park_seconds)
  int64_t peak = 0;             ///< MemoryPlan::peak() with it
};

/// Changes to `config` (decided) until one fits `usable` bytes or none is left; those that save nothing are
/// left out.
std::vector<Rung> what_would_fit(const run::RunConfig& config, const run::PromptSets& prompts,
                                 const PlanOptions& options, int64_t usable);

}  // namespace drf::plan
