#include "drf/models/qwen3_vl/model.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"
#include "drf/models/qwen3_vl/positions.h"

namespace drf::qwen3 {
namespace {

constexpr char kHead[] = "lm_head.weight", kEmbedding[] = "model.language_model.embed_tokens.weight";

}  // namespace

Model::Model(const Config& config, bool vision)
    : config_(config), has_vision_(vision), visual_(config.vision), language_model_(config.text) {
  if (vision) register_module("model.visual", visual_);
  register_module("model.language_model", language_model_);
  if (!config.tie_word_embeddings)
    register_parameter(kHead, lm_head_, {config.text.vocab_size, config.text.hidden_size});
}

qwen::Speaker Model::speaker() const {
  return {language_model_, config_.tie_word_embeddings ? language_model_.embedding() : lm_head_};
}

std::vector<models::Written> Model::generate(const std::vector<models::Prompt>& prompts,
                                             const models::Generation& how) const {
  return qwen::generate(speaker(), prompts, how);
}

qwen::VideoTokens Model::video_tokens(const qwen::VideoInput& video) const {
  return visual_.forward(video.patches_BLK, video.grid, run_);
}

at::Tensor Model::answer_logits(const qwen::VideoTokens& video, const std::vector<qwen::Grid>& grids,
                                const qwen::QuestionBatch& questions,
                                const qwen::VideoTokens& constant) const {
  return qwen::answer_logits(speaker(), constant, video, positions(questions.prefix_ids, config_, grids),
                             questions, run_);
}

at::Tensor Model::logits(const qwen::VideoTokens& video, const std::vector<qwen::Grid>& grids,
                         const std::vector<int64_t>& ids) const {
  return qwen::sequence_logits(speaker(), video, positions(ids, config_, grids), ids, run_);
}

std::vector<nn::LoadedParameter> load(Model& model, const Checkpoint& checkpoint, nn::LoadOptions options) {
  const bool tied = model.config().tie_word_embeddings;
  const bool has_head = checkpoint.entries().count(kHead) != 0;
  if (!tied && !has_head && checkpoint.entries().count(kEmbedding) != 0) {
    fail(ErrorKind::kInput, checkpoint.path(), ": '", kHead,
         "' is missing, but config.json does not say that the head is the embedding; if this is the 2B or 4B "
         "model, set tie_word_embeddings to true");
  }
  options.prefix = "";
  options.rename = [tied, seen = model.has_vision()](const std::string& name) {
    return (tied && name == kHead) || (!seen && name.starts_with("model.visual.")) ? "" : name;
  };
  auto loaded = nn::load_strict(model, checkpoint, options);
  const bool wanted = !options.device.is_meta();  // a plan reads no numbers
  if (tied && has_head && wanted && !checkpoint.get(kHead).equal(checkpoint.get(kEmbedding))) {
    fail(ErrorKind::kInput, checkpoint.path(), ": '", kHead,
         "' differs from the embedding, but config.json says that they are tied; set tie_word_embeddings to "
         "false");
  }
  return loaded;
}

}  // namespace drf::qwen3
