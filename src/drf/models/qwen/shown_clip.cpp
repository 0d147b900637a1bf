#include "drf/models/qwen/shown_clip.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"

namespace drf::qwen {

TakenFrames take_frames(const at::Tensor& frames_BF3HW, double fps, int64_t wanted) {
  const int64_t frames = frames_BF3HW.size(1);
  TakenFrames taken;
  taken.indices = sample_frame_indices(frames, wanted);
  taken.frames_BF3HW =
      frames_BF3HW.index_select(1, at::tensor(taken.indices, at::kLong).to(frames_BF3HW.device()));
  taken.fps = frames > 1 && wanted > 1
                  ? fps * static_cast<double>(wanted - 1) / static_cast<double>(frames - 1)
                  : fps;
  return taken;
}

std::unique_ptr<nn::Residence> load_weights(
    const std::filesystem::path& folder, const models::VisionLanguageOptions& options,
    const std::function<std::vector<nn::LoadedParameter>(const Checkpoint&, nn::LoadOptions)>& load) {
  nn::LoadOptions how;
  how.device = options.device;
  how.dtype = options.dtype;
  const auto open = [folder] { return Checkpoint::open(folder, "model"); };
  return std::make_unique<nn::Residence>(load(open(), how), open);
}

std::string video_label(size_t index, size_t count) {
  return count == 1 ? "" : concat("Video ", index + 1, ": ");
}

ShownVideos join_videos(const std::vector<models::Video>& shown, int64_t clips) {
  DRF_CHECK(!shown.empty());
  const auto join = [&](auto begin, auto end, int64_t rows) {
    const auto level = [&](size_t index) {
      std::vector<at::Tensor> parts;
      for (auto video = begin; video != end; ++video)
        parts.push_back(video->features_BVD.at(index).expand({rows, -1, -1}));
      return parts.size() == 1 ? parts[0] : at::cat(parts, 1);
    };
    if (begin == end) return VideoTokens();
    VideoTokens joined{level(0)};
    for (size_t i = 1; i < begin->features_BVD.size(); ++i) joined.added_BVD.push_back(level(i));
    return joined;
  };
  const auto is_constant = [](const models::Video& video) {
    return std::all_of(video.features_BVD.begin(), video.features_BVD.end(),
                       [](const at::Tensor& x) { return x.size(0) == 1 && !x.requires_grad(); });
  };
  const auto live = std::find_if_not(shown.begin(), shown.end() - 1, is_constant);
  return {join(shown.begin(), live, 1), join(live, shown.end(), clips)};
}

Grid grid_of(const models::Video& video) { return {video.groups, video.rows, video.columns}; }

std::vector<int64_t> ids_of(const MediaTokens& tokens) {
  return {tokens.image_token_id, tokens.video_token_id, tokens.vision_start_token_id,
          tokens.vision_end_token_id};
}

}  // namespace drf::qwen
