#pragma once
// Update rule "adjoint": the exact gradient of the reward in the adapters, through the steps that train,
// computed in segments (method.md section 6). Only the states between the steps are kept; each step is run
// again for its pull.

#include "drf/flow/rollout.h"

namespace drf::flow {

/// Rolls out along `walk` and adds the gradient of sum_b R_b * gradient_scale, averaged over the walk's
/// draws, to the adapters' .grad: that of a reward in which the adapters count as variables in the moves that
/// train and as constants elsewhere. With options.detach_input, velocities moreover see their state as a
/// constant. result's gradients, frames and answers are the last draw's, its rewards the mean.
void run_adjoint(const FlowParts& parts, const diffusion::Walk& walk, const FlowInput& input,
                 double gradient_scale, FlowResult& result, StageClock& clock);

}  // namespace drf::flow
