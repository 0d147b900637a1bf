#pragma once
// What rewards are shown of clips while they train ([robust]): other frames and less resolution, drawn anew
// at each update, so that what only holds at one place in time and on one grid of pixels is not learnt.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "drf/rewards/reward.h"

namespace drf::flow {

struct Jitter {
  int64_t frames = 0;     ///< clips are moved in time by up to so many
  double resolution = 0;  ///< the share of it that is left is drawn from (1 - this, 1]
  uint64_t seed = 0;
};

/// frames_BF3HW as they are shown, with their graph: of frame f of a clip of F frames the one at clamp(f + d,
/// 0, F - 1), d uniform in -frames .. frames and one of a clip; then H x W resized to round(s H) x round(s W)
/// and back, bicubic and antialiased, s uniform. Draws are by seed, prompt and view; clips without a view
/// stay as they are.
at::Tensor jittered(const at::Tensor& frames_BF3HW, const std::vector<rewards::Sample>& samples,
                    const Jitter& jitter);

/// frames_BF3HW moved to where the reward is lower: each clip with a view by `distance`, the root of the mean
/// square, against d R / d frames. `d_frames` is the gradient of sum_b weight_B[b] R_b. A clip without
/// gradient, or whose gradient is not finite, stays. No graph.
at::Tensor moved_down(const at::Tensor& frames_BF3HW, const at::Tensor& d_frames, const at::Tensor& weight_B,
                      const std::vector<rewards::Sample>& samples, double distance);

/// `samples` without views.
std::vector<rewards::Sample> without_views(std::vector<rewards::Sample> samples);

}  // namespace drf::flow
