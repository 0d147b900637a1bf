#pragma once
// Update rule "matching": reward score matching in its first-order flow form (arXiv 2604.17415; method.md
// section 7). The reward's gradient is taken once, at the finished clip, and the velocity at every state of
// the rollout, of each branch of guidance for itself, is regressed to
//     v_base(x_k) - beta (1 - sigma_k) g,   g = dR/dx_0, its norm clipped,
// so that the guided velocity moves by the same, and nothing is chained through the generator: memory is that
// of one step, or of the critic.

#include "drf/flow/rollout.h"
#include "drf/flow/running_quantile.h"

namespace drf::flow {

/// Adds the gradient of -gradient_scale * sum_b mean_k ||v(x_k) - target_k||^2 (squares summed over a clip's
/// velocity, mean over k and the branches) to the adapters' .grad. `guide_norms` limits each clip's ||g|| and
/// then learns them. result.d_frames and d_x0 are those of sum_b R_b, before clipping.
void run_matching(const FlowParts& parts, const FlowInput& input, double gradient_scale,
                  RunningQuantile& guide_norms, FlowResult& result, StageClock& clock);

}  // namespace drf::flow
