#pragma once
// Position ids of Qwen3-VL, and the text by which it knows time: a video is written as its temporal groups
// one after another, each a picture of one time behind its timestamp.

#include <string>
#include <vector>

#include "drf/models/qwen/grid.h"
#include "drf/models/qwen/positions.h"
#include "drf/models/qwen3_vl/config.h"

namespace drf::qwen3 {

/// One run a group of each grid, in order. All tokens of a group stand at one time, where it begins, plus row
/// and column; text goes on at its beginning + max(rows, columns). Equals get_rope_index of transformers 4.57
/// and 5.x.
std::vector<qwen::VideoRun> video_runs(const Config& config, const std::vector<qwen::Grid>& grids);

/// qwen::positions_of() the video_runs(). Throws Error(kInput) as it.
qwen::Positions positions(const std::vector<int64_t>& ids, const Config& config,
                          const std::vector<qwen::Grid>& grids);

/// When each temporal group is, in seconds: the mean of its first and last frame's index over `fps`.
/// `frames`: indices in the whole clip, whose frames a second `fps` is; the last is repeated up to a multiple
/// of `temporal_patch_size`.
std::vector<double> group_seconds(std::vector<int64_t> frames, double fps, int64_t temporal_patch_size);

/// "<0.1 seconds><|vision_start|><|video_pad|><|vision_end|>" for each group, with one pad for all its
/// tokens: the layout of transformers 4.57, in which the model was released. (From 5.12 the library leaves
/// the template's own start and end around the whole.) Seconds as printf rounds them.
std::string video_text(const std::vector<double>& seconds);

}  // namespace drf::qwen3
