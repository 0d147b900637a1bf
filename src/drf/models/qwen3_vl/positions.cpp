#include "drf/models/qwen3_vl/positions.h"

#include <algorithm>
#include <cstdio>

#include "drf/base/error.h"

namespace drf::qwen3 {

std::vector<qwen::VideoRun> video_runs(const Config& config, const std::vector<qwen::Grid>& grids) {
  std::vector<qwen::VideoRun> runs;
  for (const qwen::Grid& grid : grids) {
    const int64_t rows = grid.h / config.vision.spatial_merge_size;
    const int64_t columns = grid.w / config.vision.spatial_merge_size;
    for (int64_t group = 0; group < grid.t; ++group)
      runs.push_back({{0}, rows, columns, std::max(rows, columns)});
  }
  return runs;
}

qwen::Positions positions(const std::vector<int64_t>& ids, const Config& config,
                          const std::vector<qwen::Grid>& grids) {
  return qwen::positions_of(ids, config, video_runs(config, grids));
}

std::vector<double> group_seconds(std::vector<int64_t> frames, double fps, int64_t temporal_patch_size) {
  const auto group = static_cast<size_t>(temporal_patch_size);
  DRF_CHECK(!frames.empty() && fps > 0);
  frames.resize((frames.size() + group - 1) / group * group, frames.back());
  std::vector<double> seconds;
  for (size_t i = 0; i < frames.size(); i += group) {
    const auto at = [&](size_t frame) { return static_cast<double>(frames[frame]) / fps; };
    seconds.push_back((at(i) + at(i + group - 1)) / 2);
  }
  return seconds;
}

std::string video_text(const std::vector<double>& seconds) {
  std::string text;
  for (const double second : seconds) {
    char stamp[64];
    std::snprintf(stamp, sizeof(stamp), "<%.1f seconds>", second);
    text += stamp;
    text += "<|vision_start|><|video_pad|><|vision_end|>";
  }
  return text;
}

}  // namespace drf::qwen3
