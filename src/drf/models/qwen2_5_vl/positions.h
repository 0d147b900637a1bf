#pragma once
// Position ids of Qwen2.5-VL: text counts up along all three axes at once, a video's tokens stand at (time,
// row, column), and text goes on after the largest position of any axis, as the model was trained.

#include "drf/models/qwen/grid.h"
#include "drf/models/qwen/positions.h"
#include "drf/models/qwen2_5_vl/config.h"

namespace drf::qwen {

/// A video's patches, and the seconds between two of its temporal patches (frames of one / sampled frames a
/// second).
struct TimedGrid {
  Grid grid;
  double seconds_per_grid = 0;
};

/// One run a video. A token's time is trunc(index * (tokens_per_second * seconds_per_grid)), both products in
/// float32 as the reference forms them from the processor's float32 tensor. What follows a video goes on at
/// the largest position of the three axes plus one: get_rope_index of transformers up to 4.x. From 5.x the
/// library goes on at start + max(rows, columns), which is the same unless the times go further.
std::vector<VideoRun> video_runs(const Config& config, const std::vector<TimedGrid>& videos);

/// positions_of() the video_runs(). Throws Error(kInput) as it.
Positions positions(const std::vector<int64_t>& ids, const Config& config,
                    const std::vector<TimedGrid>& videos);

}  // namespace drf::qwen
