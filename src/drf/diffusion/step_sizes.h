#pragma once
// Whether the steps that train can change anything: what counts is not their number but how far they move
// sigma.

#include <string>
#include <vector>

#include "drf/diffusion/schedule.h"
#include "drf/diffusion/step_policy.h"

namespace drf::diffusion {

/// |d sigma|: how much of the way from noise (1) to clip (0) is gone in ...
struct StepSizes {
  double last = 0;     ///< the schedule's last step
  double trained = 0;  ///< all moves of a walk that train, together
};

/// Below these, what the steps can teach is lost in what they cannot change.
inline constexpr double kSmallLastStep = 0.02, kSmallTrainedSteps = 0.05;

StepSizes step_sizes(const Schedule& schedule, const Walk& walk);

/// What is too small, with what is wanted; and what to do.
struct StepWarning {
  std::string found, remedy;
};

/// One for each size that is too small; none by default. `policy` null: all steps train. A policy that draws
/// is asked for its first walks, and the least counts.
std::vector<StepWarning> step_warnings(const Schedule& schedule, const StepPolicy* policy);

}  // namespace drf::diffusion
