#include "drf/models/qwen2_5_vl/positions.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"

namespace drf::qwen {
namespace {

/// [begin, end) of the video's run of tokens.
std::pair<int64_t, int64_t> video_run(const std::vector<int64_t>& ids, const Config& config, int64_t tokens) {
  if (std::find(ids.begin(), ids.end(), config.image_token_id) != ids.end()) {
    fail(ErrorKind::kInput, "critic: the prompt holds an image token (id ", config.image_token_id,
         "); only a video is supported");
  }
  const auto is_video = [&](int64_t id) { return id == config.video_token_id; };
  const auto begin = std::find_if(ids.begin(), ids.end(), is_video);
  const auto end = std::find_if_not(begin, ids.end(), is_video);
  if (end - begin != tokens || std::find_if(end, ids.end(), is_video) != ids.end()) {
    fail(ErrorKind::kInput, "critic: the prompt holds ", std::count_if(ids.begin(), ids.end(), is_video),
         " video tokens (id ", config.video_token_id, "), wanted one run of ", tokens,
         ", one for each merged patch of the video");
  }
  return {begin - ids.begin(), end - ids.begin()};
}

}  // namespace

Positions positions(const std::vector<int64_t>& ids, const Config& config, const Grid& grid,
                    double seconds_per_grid) {
  const int64_t merge = config.vision.spatial_merge_size;
  const int64_t rows = grid.h / merge, columns = grid.w / merge;
  const auto [begin, end] = video_run(ids, config, grid.t * rows * columns);

  Positions result;
  result.video_begin = begin;
  result.ids_3S = at::empty({3, static_cast<int64_t>(ids.size())}, at::kLong);
  auto out = result.ids_3S.accessor<int64_t, 2>();
  const auto text = [&](int64_t from, int64_t to) {
    for (int64_t i = from; i < to; ++i, ++result.next) {
      for (int64_t axis = 0; axis < 3; ++axis) out[axis][i] = result.next;
    }
  };
  text(0, begin);
  const float interval =
      static_cast<float>(config.vision.tokens_per_second) * static_cast<float>(seconds_per_grid);
  for (int64_t i = begin; i < end; ++i) {
    const int64_t index = i - begin, time = index / (rows * columns);
    out[0][i] = result.next + static_cast<int64_t>(static_cast<float>(time) * interval);
    out[1][i] = result.next + index / columns % rows;
    out[2][i] = result.next + index % columns;
  }
  const int64_t last_time = static_cast<int64_t>(static_cast<float>(grid.t - 1) * interval);
  result.next += std::max({last_time + 1, rows, columns});
  text(end, static_cast<int64_t>(ids.size()));
  return result;
}

}  // namespace drf::qwen
