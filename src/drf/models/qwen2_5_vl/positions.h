#pragma once
// Position ids of Qwen2.5-VL: text counts up along all three axes at once, a video's tokens stand at (time,
// row, column), and text goes on after the largest position of any axis, as the model was trained.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "drf/models/qwen2_5_vl/config.h"
#include "drf/models/qwen2_5_vl/grid.h"

namespace drf::qwen {

struct Positions {
  at::Tensor ids_3S;        ///< int64 on the CPU: time, row, column of each token
  int64_t next = 0;         ///< the position (on all axes) of the token that would follow
  int64_t video_begin = 0;  ///< index of the first video token
};

/// ids: a sequence with exactly one run of video_token_id, as long as the grid has merged tokens.
/// seconds_per_grid: temporal patch / sampled frames a second. A video token's time is
/// trunc(index * (tokens_per_second * seconds_per_grid)), both products in float32 as the reference forms
/// them from the processor's float32 tensor. What follows the video goes on at the largest position of the
/// three axes plus one: get_rope_index of transformers up to 4.x. From 5.x the library goes on at start +
/// max(rows, columns), which is the same unless the times go further. Throws Error(kInput) for no video
/// token, several runs, another number of them, or image tokens.
Positions positions(const std::vector<int64_t>& ids, const Config& config, const Grid& grid,
                    double seconds_per_grid);

}  // namespace drf::qwen
