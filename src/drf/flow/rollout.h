#pragma once
// Euler steps without gradient: what comes before the states that objectives work on, and all of sampling.

#include <functional>

#include "drf/diffusion/step_policy.h"
#include "drf/flow/batch.h"
#include "drf/flow/parts.h"

namespace drf::flow {

/// Sees each move of a rollout before it is made, and the state that it is made from.
using OnMove = std::function<void(const at::Tensor& x, const diffusion::Move& move)>;
/// Sees the velocities that a move was made with.
using OnVelocities = std::function<void(const Branches& v, const diffusion::Move& move)>;

/// The state after `moves` from x; no graph. Calls `visit` before each move and `seen` after it, if set. In a
/// dry run, on the meta device, the first move of a network, trained or not, stands for all like it. Throws
/// Interrupted at a signal.
at::Tensor roll_out(const Parts& parts, const Prepared& prepared, at::Tensor x,
                    const std::vector<diffusion::Move>& moves, const OnMove& visit = {},
                    const OnVelocities& seen = {});

/// x_0 of all steps from the batch's noise. `clock` (may be null) counts.
at::Tensor sample(const Parts& parts, const Batch& batch, StageClock* clock = nullptr,
                  const OnMove& visit = {});

/// What all rewards, judges too, say of those clips; and what that took. No gradient.
struct Evaluated {
  Judgement judgement;
  std::map<std::string, StageCost> costs;
};
Evaluated evaluate(const Parts& parts, const Batch& batch, Pixels pixels, const OnMove& visit = {});

}  // namespace drf::flow
