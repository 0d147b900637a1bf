#pragma once
// What one pass of an objective is given.
//
// Shape letters: B clips, C T H W latent channels, frames, height, width.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/models/condition.h"
#include "drf/rewards/reward.h"

namespace drf::flow {

struct Batch {
  std::vector<rewards::Sample> samples;       ///< who the clips are
  std::vector<models::Condition> conditions;  ///< one a clip
  models::Condition unconditional;            ///< one row; only used with guidance
  at::Tensor noise_BCTHW;                     ///< x_N, float32 or float64: the sampler's state has this dtype
  int64_t update = 0, micro = 0;              ///< which batch of which update, both from 0
  /// Objectives with an anchor: false leaves out of d_xK what reaches x_K through the base velocity there,
  /// which trains nothing and costs a forward and a backward of the model. Nothing else hangs on it.
  bool exact_d_xK = true;
};

}  // namespace drf::flow
