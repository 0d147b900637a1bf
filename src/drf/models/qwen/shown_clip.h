#pragma once
// What the models of the family do alike where a critic shows them clips.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drf/models/qwen/grid.h"
#include "drf/models/qwen/media_tokens.h"
#include "drf/models/qwen/question_pass.h"
#include "drf/models/qwen/video_patches.h"
#include "drf/models/vision_language.h"
#include "drf/nn/load.h"
#include "drf/nn/residence.h"

namespace drf::qwen {

/// The frames that are taken from clips.
struct TakenFrames {
  at::Tensor frames_BF3HW;
  std::vector<int64_t> indices;  ///< in the whole clip
  double fps = 0;                ///< that the taken frames stand for
};
TakenFrames take_frames(const at::Tensor& frames_BF3HW, double fps, int64_t wanted);

/// Reads the weights by `load` and says where they are. `load` fills the model from the checkpoint of
/// `folder`.
std::unique_ptr<nn::Residence> load_weights(
    const std::filesystem::path& folder, const models::VisionLanguageOptions& options,
    const std::function<std::vector<nn::LoadedParameter>(const Checkpoint&, nn::LoadOptions)>& load);

/// "Video 1: " before the first of several videos, as the templates' add_vision_id has it; "" before a single
/// one.
std::string video_label(size_t index, size_t count);

/// The videos of a prompt one after another: the first ones that have one row and no graph by themselves, so
/// that they are computed once for all clips (never the last), the others for `clips` rows.
struct ShownVideos {
  VideoTokens constant, live;
};
ShownVideos join_videos(const std::vector<models::Video>& shown, int64_t clips);
Grid grid_of(const models::Video& video);

std::vector<int64_t> ids_of(const MediaTokens& tokens);

}  // namespace drf::qwen
