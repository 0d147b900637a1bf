#pragma once
// A rollout with noise at every step but the last, and what is remembered of it: enough to take the gradient
// of its steps' densities, in this update or in a later one.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "drf/flow/batch.h"
#include "drf/flow/parts.h"
#include "drf/objectives/kept_judgement.h"

namespace drf::objectives {

/// Of one batch.
struct SdeRollout {
  std::vector<at::Tensor> states;   ///< x_0 (noise) .. x_{N-1}, [B, C, T, H, W], in the host's memory
  std::vector<double> log_density;  ///< of step k of clip b, at k B + b, when it was taken; N - 1 steps
  flow::Judgement judgement;        ///< float64 values; without clips, frames and gradients
  std::map<std::string, flow::StageCost> costs;  ///< not remembered
  bool taken = false;                            ///< its gradient was; not remembered

  /// State `k` where the sampler works.
  at::Tensor state(size_t k, const at::Tensor& like) const;
};

/// From the batch's noise (`start_BCTHW`), each step with noise keyed by `keys`, to clips that the rewards
/// which train judge as a viewer sees them. No graph. Throws Interrupted.
SdeRollout roll_out_sde(const flow::Parts& parts, const flow::Batch& batch, const at::Tensor& start_BCTHW,
                        const std::vector<rewards::Sample>& keys, double noise);

}  // namespace drf::objectives
