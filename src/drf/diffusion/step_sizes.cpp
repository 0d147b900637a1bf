#include "drf/diffusion/step_sizes.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::diffusion {
namespace {

constexpr int64_t kWalksSeen = 32;  // of a policy that draws

}  // namespace

StepSizes step_sizes(const Schedule& schedule, const Walk& walk) {
  const auto sigma = [&](int64_t level) {
    return static_cast<double>(schedule.sigmas.at(static_cast<size_t>(level)));
  };
  StepSizes sizes{sigma(schedule.steps() - 1), 0};
  for (const Move& move : walk.gradient) {
    if (move.trains) sizes.trained += sigma(move.from) - sigma(move.to);
  }
  return sizes;
}

std::vector<StepWarning> step_warnings(const Schedule& schedule, const StepPolicy* policy) {
  std::vector<StepWarning> warnings;
  const double last = step_sizes(schedule, {}).last;
  if (last < kSmallLastStep) {
    warnings.push_back({concat("the last of ", schedule.steps(), " steps moves sigma by ", last,
                               ", wanted at least ", kSmallLastStep, ": it changes next to nothing"),
                        "sampling.schedule = \"flow\" ends in a real step; else take fewer steps or a larger "
                        "sampling.shift"});
  }
  if (policy == nullptr) return warnings;
  double trained = 1;
  for (int64_t update = 0; update < kWalksSeen; ++update)
    trained = std::min(trained, step_sizes(schedule, policy->walk(update)).trained);
  if (trained < kSmallTrainedSteps) {
    warnings.push_back(
        {concat("the steps that train move sigma by ", trained, " in all, wanted at least ",
                kSmallTrainedSteps, ": little can be learnt there"),
         "train more steps or earlier ones (flow.K, flow.policy), take fewer sampling.steps, or set "
         "sampling.schedule = \"flow\""});
  }
  return warnings;
}

}  // namespace drf::diffusion
