#include "drf/models/qwen3_vl/vision_language.h"

#include "drf/base/error.h"
#include "drf/models/qwen/flops.h"
#include "drf/models/qwen/opened_model.h"
#include "drf/models/qwen3_vl/flops.h"
#include "drf/models/qwen3_vl/model.h"
#include "drf/models/qwen3_vl/positions.h"
#include "drf/models/qwen3_vl/video_processor.h"

namespace drf::qwen3 {
namespace {

class VisionLanguage : public qwen::OpenedModel<Config, Model> {
 public:
  VisionLanguage(const std::filesystem::path& folder, const models::VisionLanguageOptions& options)
      : OpenedModel(folder, options, kProcessor, text::ChatTemplate::without_system()) {}

  models::Video look(const at::Tensor& frames_BF3HW, double fps) override {
    DRF_CHECK(model_.has_vision());
    residence_->come_back();
    const qwen::TakenFrames taken = qwen::take_frames(frames_BF3HW, fps, options_.frames);
    const qwen::VideoInput input =
        process_video(taken.frames_BF3HW, processor_, config_.vision, options_.max_pixels);
    const qwen::VideoTokens seen = model_.video_tokens({input.patches_BLK.to(options_.dtype), input.grid});
    models::Video video;
    video.features_BVD = {seen.tokens_BVD};
    video.features_BVD.insert(video.features_BVD.end(), seen.added_BVD.begin(), seen.added_BVD.end());
    video.groups = input.grid.t;
    video.rows = input.grid.h;
    video.columns = input.grid.w;
    video.group_seconds = group_seconds(taken.indices, fps, config_.vision.temporal_patch_size);
    video.flops = static_cast<double>(frames_BF3HW.size(0)) * vision_flops(config_.vision, input.grid);
    return video;
  }

  models::Answered answer(const std::vector<models::Video>& shown,
                          const std::vector<std::vector<models::Suffix>>& asked) override {
    std::vector<qwen::Grid> grids;
    std::string prompt = chat_.opening();
    for (size_t i = 0; i < shown.size(); ++i) {
      grids.push_back(qwen::grid_of(shown[i]));
      prompt += qwen::video_label(i, shown.size()) + video_text(shown[i].group_seconds);
    }
    const qwen::QuestionBatch batch{
        qwen::repeat_pads(tokenizer_->encode(prompt), config_.video_token_id, video_runs(config_, grids)),
        asked};
    const qwen::ShownVideos joined = qwen::join_videos(shown, static_cast<int64_t>(asked.size()));
    return {model_.answer_logits(joined.live, grids, batch, joined.constant),
            qwen::answer_flops(config_.text, batch)};
  }
};

}  // namespace

std::unique_ptr<models::VisionLanguage> open_vision_language(const std::filesystem::path& folder,
                                                             const models::VisionLanguageOptions& options) {
  return std::make_unique<VisionLanguage>(folder, options);
}

}  // namespace drf::qwen3
