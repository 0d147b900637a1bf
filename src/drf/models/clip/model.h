#pragma once
// CLIP: texts and images as unit vectors of one space, whose inner product says how well they fit. Equals
// transformers 5.23's CLIPModel (README.md).
//
// Shape letters: B texts, N images, E width of the space.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/models/clip/config.h"
#include "drf/models/clip/text.h"
#include "drf/models/clip/vision.h"
#include "drf/nn/linear.h"
#include "drf/nn/load.h"
#include "drf/nn/module.h"

namespace drf::clip {

class Model : public nn::Module {
 public:
  explicit Model(const Config& config);

  const Config& config() const { return config_; }
  /// Blocks keep no activations: the backward runs each again. Values and gradients stay the same bits.
  void set_recompute(bool on) { run_ = nn::BlockRunner(on, nullptr); }

  /// Texts as token ids, start and end included -> [B, E] of unit length, float32 or wider. Throws
  /// Error(kInput) as TextTower::forward.
  at::Tensor text_embeddings(const std::vector<std::vector<int64_t>>& texts) const;
  /// pixels_N3HW as process_images() gives them -> [N, E] of unit length, float32 or wider, with the graph of
  /// the pixels.
  at::Tensor image_embeddings(const at::Tensor& pixels_N3HW) const;
  /// What turns a cosine into a logit, exp(logit_scale): a number, float32 or wider.
  at::Tensor scale() const;

 private:
  Config config_;
  nn::BlockRunner run_;
  TextTower text_model_;
  VisionTower vision_model_;
  nn::Linear visual_projection_, text_projection_;
  at::Tensor logit_scale_;  ///< float32 in a half model: a half type would change every logit by up to .4 %
};

/// Loads FOLDER/model.safetensors (or its shards) strictly. The numbers of positions that older files repeat
/// (*.position_ids) are ignored; options.rename is set here. Throws Error(kInput) as nn::load_strict.
std::vector<nn::LoadedParameter> load(Model& model, const Checkpoint& checkpoint, nn::LoadOptions options);

}  // namespace drf::clip
