#pragma once
// Qwen3-VL as a critic uses it: logits of a language model that has seen videos, with a gradient to their
// patches. Equals transformers 5.23's Qwen3VLForConditionalGeneration (README.md).
//
// Shape letters: B clips, L patches of a clip, K values of a patch, V video tokens of a clip, S text tokens,
// D width.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/models/qwen/generate.h"
#include "drf/models/qwen/language.h"
#include "drf/models/qwen/question_pass.h"
#include "drf/models/qwen/video_patches.h"
#include "drf/models/qwen3_vl/config.h"
#include "drf/models/qwen3_vl/vision.h"
#include "drf/nn/load.h"
#include "drf/nn/module.h"

namespace drf::qwen3 {

class Model : public nn::Module {
 public:
  /// Without `vision` there is no tower and nothing of it is loaded; then generate() alone may be called.
  explicit Model(const Config& config, bool vision = true);

  const Config& config() const { return config_; }
  /// Blocks keep no activations: the backward runs each again. Values and gradients stay the same bits.
  void set_recompute(bool on) { run_ = nn::BlockRunner(on, nullptr); }

  /// Tokens and additions [B, V, D] in the weights' dtype, with the graph of the patches.
  qwen::VideoTokens video_tokens(const qwen::VideoInput& video) const;

  /// Next-token logits at the wanted positions of all questions in one pass (models/qwen/question_pass.h).
  /// video: of videos of `grids`, one after another, but for the first ones where `constant` has those.
  /// Throws Error(kInput) if the prefix's video tokens do not fit the grids or an id is not in the
  /// vocabulary.
  at::Tensor answer_logits(const qwen::VideoTokens& video, const std::vector<qwen::Grid>& grids,
                           const qwen::QuestionBatch& questions,
                           const qwen::VideoTokens& constant = {}) const;

  /// The plain path: one whole sequence a clip, all logits. ids: the same for all clips -> [B, S,
  /// vocabulary], float32 or wider.
  at::Tensor logits(const qwen::VideoTokens& video, const std::vector<qwen::Grid>& grids,
                    const std::vector<int64_t>& ids) const;

  /// What the model writes after each prompt of text alone (models/qwen/generate.h).
  std::vector<models::Written> generate(const std::vector<models::Prompt>& prompts,
                                        const models::Generation& how) const;
  bool has_vision() const { return has_vision_; }

 private:
  qwen::Speaker speaker() const;

  Config config_;
  bool has_vision_;
  nn::BlockRunner run_;
  VisionTower visual_;
  qwen::LanguageModel language_model_;
  at::Tensor lm_head_;  ///< undefined when tied
};

/// Loads FOLDER/model.safetensors (or its shards) strictly. Some copies of the released models have the flag
/// tie_word_embeddings wrong: a head that is tied by the config and repeated by the file is ignored where the
/// two are equal. Throws Error(kInput) as nn::load_strict, and naming the flag where the file's head is
/// another than the embedding or is missing. options.rename and options.prefix are set here.
std::vector<nn::LoadedParameter> load(Model& model, const Checkpoint& checkpoint, nn::LoadOptions options);

}  // namespace drf::qwen3
