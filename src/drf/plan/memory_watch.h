#pragma once
// Predicted against measured memory of a run, in one line of the log.

#include <map>
#include <optional>
#include <string>

#include "drf/flow/stage_clock.h"
#include "drf/plan/plan.h"

namespace drf::plan {

class MemoryWatch {
 public:
  /// Predicts training by `config` (of an open run); without a prediction only what is measured is said.
  MemoryWatch(const run::RunConfig& config, const run::PromptSets& prompts, at::DeviceType device);
  /// Costs of one update.
  void add(const std::map<std::string, flow::StageCost>& costs);
  /// Whether more was measured than predicted, by more than the tenth that a plan may be wrong.
  bool exceeds_plan() const;
  /// "predicted 1.23 GiB, measured 1.20 GiB (pull_decode)": the worst stage measured so far.
  std::string line() const;

 private:
  /// The worst stage measured so far and its bytes; null before the first.
  const std::pair<const std::string, int64_t>* worst() const;
  std::optional<MemoryPlan> plan_;
  std::map<std::string, int64_t> measured_;
};

}  // namespace drf::plan
