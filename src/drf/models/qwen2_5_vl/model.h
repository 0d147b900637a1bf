#pragma once
// Qwen2.5-VL as a critic uses it: logits of a language model that has seen a video, with a gradient to the
// video's patches. Equals transformers 5.23's Qwen2_5_VLForConditionalGeneration (README.md).
//
// Shape letters: B clips, L patches of a clip, K values of a patch, V video tokens of a clip, S text tokens,
// D width.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/models/qwen/generate.h"
#include "drf/models/qwen/grid.h"
#include "drf/models/qwen/language.h"
#include "drf/models/qwen/question_pass.h"
#include "drf/models/qwen2_5_vl/config.h"
#include "drf/models/qwen2_5_vl/positions.h"
#include "drf/models/qwen2_5_vl/video_processor.h"
#include "drf/models/qwen2_5_vl/vision.h"
#include "drf/nn/linear.h"
#include "drf/nn/load.h"
#include "drf/nn/module.h"

namespace drf::qwen {

class Model : public nn::Module {
 public:
  /// Without `vision` there is no tower and nothing of it is loaded; then generate() alone may be called.
  explicit Model(const Config& config, bool vision = true);

  const Config& config() const { return config_; }
  /// Blocks keep no activations: the backward runs each again. Values and gradients stay the same bits.
  void set_recompute(bool on) { run_ = nn::BlockRunner(on, nullptr); }

  /// -> [B, V, D] in the weights' dtype, with the graph of the patches.
  at::Tensor video_embeddings(const VideoInput& video) const;

  /// Next-token logits at the wanted positions of all questions in one pass (models/qwen/question_pass.h).
  /// video_BVD: video_embeddings() of `videos`, one after another, but for the first ones where constant_1VD
  /// has those. Throws Error(kInput) if the prefix's video
  /// tokens do not fit the grids or an id is not in the vocabulary.
  at::Tensor answer_logits(const at::Tensor& video_BVD, const std::vector<TimedGrid>& videos,
                           const QuestionBatch& questions, const at::Tensor& constant_1VD = {}) const;

  /// The plain path: one whole sequence a clip, all logits. ids: the same for all clips -> [B, S,
  /// vocabulary], float32 or wider.
  at::Tensor logits(const at::Tensor& video_BVD, const std::vector<TimedGrid>& videos,
                    const std::vector<int64_t>& ids) const;

  /// What the model writes after each prompt of text alone (models/qwen/generate.h).
  std::vector<models::Written> generate(const std::vector<models::Prompt>& prompts,
                                        const models::Generation& how) const;
  bool has_vision() const { return has_vision_; }

 private:
  Speaker speaker() const;

  Config config_;
  bool has_vision_;
  nn::BlockRunner run_;
  VisionTower visual_;
  LanguageModel language_model_;
  at::Tensor lm_head_;  ///< undefined when tied
};

/// Loads FOLDER/model.safetensors (or its shards) strictly, under the names of either generation of
/// transformers (README.md). A head that the config ties is not asked for, and ignored where the file repeats
/// it. options.rename and options.prefix are set here. Throws Error(kInput) as nn::load_strict.
std::vector<nn::LoadedParameter> load(Model& model, const Checkpoint& checkpoint, nn::LoadOptions options);

/// The module's name of a checkpoint tensor: "visual.*" -> "model.visual.*", "model.layers.*",
/// "model.embed_tokens.*", "model.norm.*" -> "model.language_model.*"; others unchanged. "" for a tied head.
std::string parameter_name(const std::string& checkpoint_name, bool tied);

}  // namespace drf::qwen
