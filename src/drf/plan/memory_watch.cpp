#include "drf/plan/memory_watch.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/base/log.h"

namespace drf::plan {

MemoryWatch::MemoryWatch(const run::RunConfig& config, const run::PromptSets& prompts,
                         at::DeviceType device) {
  try {
    plan_ = predict_memory(config, prompts, {device, {}});
  } catch (const c10::Error& e) {  // an operator without a meta form must not stop a run
    log_warning("memory", "cannot be predicted: ", e.what_without_backtrace());
  }
}

void MemoryWatch::add(const std::map<std::string, flow::StageCost>& costs) {
  for (const auto& [stage, cost] : costs) measured_[stage] = std::max(measured_[stage], cost.peak_bytes);
}

const std::pair<const std::string, int64_t>* MemoryWatch::worst() const {
  const auto by_bytes = [](const auto& a, const auto& b) { return a.second < b.second; };
  const auto found = std::max_element(measured_.begin(), measured_.end(), by_bytes);
  return found == measured_.end() ? nullptr : &*found;
}

bool MemoryWatch::exceeds_plan() const {
  return plan_ && worst() &&
         static_cast<double>(worst()->second) > 1.1 * static_cast<double>(plan_->metered_peak());
}

std::string MemoryWatch::line() const {
  if (!worst()) return "not measured";
  return concat(plan_ ? concat("predicted ", readable_bytes(plan_->metered_peak()), ", ") : "", "measured ",
                readable_bytes(worst()->second), " (", worst()->first, ")");
}

}  // namespace drf::plan
