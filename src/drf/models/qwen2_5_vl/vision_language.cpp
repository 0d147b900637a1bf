#include "drf/models/qwen2_5_vl/vision_language.h"

#include "drf/base/error.h"
#include "drf/models/qwen/flops.h"
#include "drf/models/qwen/opened_model.h"
#include "drf/models/qwen2_5_vl/flops.h"
#include "drf/models/qwen2_5_vl/model.h"
#include "drf/models/qwen2_5_vl/video_processor.h"

namespace drf::qwen {
namespace {

class VisionLanguage : public OpenedModel<Config, Model> {
 public:
  VisionLanguage(const std::filesystem::path& folder, const models::VisionLanguageOptions& options)
      : OpenedModel(folder, options, kQwen2Processor, text::ChatTemplate()) {}

  models::Video look(const at::Tensor& frames_BF3HW, double fps) override {
    DRF_CHECK(model_.has_vision());
    residence_->come_back();
    const TakenFrames taken = take_frames(frames_BF3HW, fps, options_.frames);
    const VideoInput input =
        process_video(taken.frames_BF3HW, processor_, config_.vision, options_.max_pixels);
    const int64_t patch = config_.vision.patch_size, shown = input.grid.h * input.grid.w * patch * patch;
    // Frames so small or so long that the least size is above the limit.
    if (options_.max_pixels > 0 && shown > options_.max_pixels)
      refuse_max_pixels(options_.max_pixels, frames_BF3HW.size(3), frames_BF3HW.size(4), shown);
    models::Video video;
    video.features_BVD = {model_.video_embeddings({input.patches_BLK.to(options_.dtype), input.grid})};
    video.groups = input.grid.t;
    video.rows = input.grid.h;
    video.columns = input.grid.w;
    video.seconds_per_group = static_cast<double>(config_.vision.temporal_patch_size) / taken.fps;
    video.flops = static_cast<double>(frames_BF3HW.size(0)) * vision_flops(config_.vision, input.grid);
    return video;
  }

  models::Answered answer(const std::vector<models::Video>& shown,
                          const std::vector<std::vector<Suffix>>& asked) override {
    std::vector<TimedGrid> videos;
    std::string prompt = chat_.opening();
    for (size_t i = 0; i < shown.size(); ++i) {
      videos.push_back({grid_of(shown[i]), shown[i].seconds_per_group});
      prompt += video_label(i, shown.size()) + text::ChatTemplate::kVideo;
    }
    QuestionBatch batch{
        repeat_pads(tokenizer_->encode(prompt), config_.video_token_id, video_runs(config_, videos)), asked};
    const ShownVideos joined = join_videos(shown, static_cast<int64_t>(asked.size()));
    return {model_.answer_logits(joined.live.tokens_BVD, videos, batch, joined.constant.tokens_BVD),
            answer_flops(config_.text, batch)};
  }
};

}  // namespace

std::unique_ptr<models::VisionLanguage> open_vision_language(const std::filesystem::path& folder,
                                                             const models::VisionLanguageOptions& options) {
  return std::make_unique<VisionLanguage>(folder, options);
}

}  // namespace drf::qwen
