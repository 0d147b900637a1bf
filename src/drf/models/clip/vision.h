#pragma once
// The vision tower: an image's patches and one class token, which sees them all and stands for the image.
// Equals transformers' CLIPVisionModel.
//
// Shape letters: N images, L patches, D width.

#include <ATen/core/Tensor.h>

#include "drf/models/clip/encoder.h"

namespace drf::clip {

class VisionTower : public nn::Module {
 public:
  explicit VisionTower(const VisionConfig& config);

  /// pixels_N3HW: image_size a side, normalised (image_processor.h), any float dtype; rounded to the weights'
  /// -> [N, D] with the graph of the pixels.
  at::Tensor forward(const at::Tensor& pixels_N3HW, const nn::BlockRunner& run) const;

 private:
  VisionConfig config_;
  at::Tensor class_embedding_;     // [D]
  at::Tensor patch_embedding_;     // [D, 3, p, p]: a convolution whose stride is its size
  at::Tensor position_embedding_;  // [1 + L, D], the class token's first
  nn::LayerNorm pre_layrnorm_;     // the checkpoint's spelling
  Encoder encoder_;
  nn::LayerNorm post_layernorm_;
};

}  // namespace drf::clip
