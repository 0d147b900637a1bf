#include "drf/models/qwen2_5_vl/positions.h"

#include <algorithm>

namespace drf::qwen {

std::vector<VideoRun> video_runs(const Config& config, const std::vector<TimedGrid>& videos) {
  const int64_t merge = config.vision.spatial_merge_size;
  std::vector<VideoRun> runs;
  for (const auto& [grid, seconds_per_grid] : videos) {
    const float interval =
        static_cast<float>(config.vision.tokens_per_second) * static_cast<float>(seconds_per_grid);
    VideoRun run{{}, grid.h / merge, grid.w / merge};
    for (int64_t i = 0; i < grid.t; ++i)
      run.times.push_back(static_cast<int64_t>(static_cast<float>(i) * interval));
    run.advance = std::max({run.times.back() + 1, run.rows, run.columns});
    runs.push_back(std::move(run));
  }
  return runs;
}

Positions positions(const std::vector<int64_t>& ids, const Config& config,
                    const std::vector<TimedGrid>& videos) {
  return positions_of(ids, config, video_runs(config, videos));
}

}  // namespace drf::qwen
