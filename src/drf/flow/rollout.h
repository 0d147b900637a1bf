#pragma once
// Euler steps without gradient, and what the update rules need to take them.

#include "drf/diffusion/schedule.h"
#include "drf/flow/flow_types.h"

namespace drf::flow {

/// What an update rule works with; all of it is the flow's.
struct FlowParts {
  const GuidedDenoiser& denoiser;
  const Scorer& scorer;
  const Parking& parking;
  nn::Residence* network;  ///< the denoiser's
  const diffusion::Schedule& schedule;
  const FlowOptions& options;
};

/// The state after `moves` from x; no graph. Calls visit(x, move) before each move, if set. Throws
/// Interrupted at a signal.
at::Tensor roll_out(const GuidedDenoiser& denoiser, const diffusion::Schedule& schedule,
                    const Prepared& prepared, at::Tensor x, const std::vector<diffusion::Move>& moves,
                    const std::function<void(const at::Tensor& x, const diffusion::Move&)>& visit = {});

}  // namespace drf::flow
