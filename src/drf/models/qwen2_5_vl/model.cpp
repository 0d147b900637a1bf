#include "drf/models/qwen2_5_vl/model.h"

namespace drf::qwen {

Model::Model(const Config& config, bool vision)
    : config_(config), has_vision_(vision), visual_(config.vision), language_model_(config.text) {
  if (vision) register_module("model.visual", visual_);
  register_module("model.language_model", language_model_);
  if (!config.tie_word_embeddings) {
    register_parameter("lm_head.weight", lm_head_, {config.text.vocab_size, config.text.hidden_size});
  }
}

Speaker Model::speaker() const {
  return {language_model_, config_.tie_word_embeddings ? language_model_.embedding() : lm_head_};
}

std::vector<models::Written> Model::generate(const std::vector<models::Prompt>& prompts,
                                             const models::Generation& how) const {
  return qwen::generate(speaker(), prompts, how);
}

at::Tensor Model::video_embeddings(const VideoInput& video) const {
  return visual_.forward(video.patches_BLK, video.grid, run_);
}

at::Tensor Model::logits(const at::Tensor& video_BVD, const std::vector<TimedGrid>& videos,
                         const std::vector<int64_t>& ids) const {
  return sequence_logits(speaker(), {video_BVD}, positions(ids, config_, videos), ids, run_);
}

at::Tensor Model::answer_logits(const at::Tensor& video_BVD, const std::vector<TimedGrid>& videos,
                                const QuestionBatch& questions, const at::Tensor& constant_1VD) const {
  return qwen::answer_logits(speaker(), {constant_1VD}, {video_BVD},
                             positions(questions.prefix_ids, config_, videos), questions, run_);
}

}  // namespace drf::qwen
