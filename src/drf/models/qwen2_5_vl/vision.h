#pragma once
// The vision tower of Qwen2.5-VL: patches to tokens of the language model. Most blocks attend within windows
// of one temporal patch, some within the whole temporal patch, none across time. Equals transformers'
// Qwen2_5_VisionTransformerPretrainedModel.
//
// Shape letters: B clips, L patches of a clip (t * h * w), K values of a patch, V tokens of a clip (L /
// merge^2), D width.

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <utility>

#include "drf/models/qwen/grid.h"
#include "drf/models/qwen/mlp.h"
#include "drf/models/qwen/vision_attention.h"
#include "drf/models/qwen2_5_vl/config.h"
#include "drf/models/qwen2_5_vl/window.h"
#include "drf/nn/block_runner.h"
#include "drf/nn/linear.h"
#include "drf/nn/module.h"
#include "drf/nn/norm.h"

namespace drf::qwen {

class VisionBlock : public nn::Module {
 public:
  explicit VisionBlock(const VisionConfig& config);
  /// x_FLD: F temporal patches, each in the layout's order. `whole`: attends within all of L, else within the
  /// layout's windows.
  at::Tensor forward(const at::Tensor& x_FLD, const WindowLayout& layout, bool whole) const;

 private:
  nn::RmsNorm norm1_, norm2_;
  VisionAttention attn_;
  Mlp mlp_;
};

/// merge x merge neighbouring patches, normalised and side by side, to one token.
class PatchMerger : public nn::Module {
 public:
  explicit PatchMerger(const VisionConfig& config);
  at::Tensor forward(const at::Tensor& x_FLD) const;

 private:
  int64_t merged_width_;
  nn::RmsNorm ln_q_;
  nn::Linear in_, out_;
};

class VisionTower : public nn::Module {
 public:
  explicit VisionTower(const VisionConfig& config);

  /// patches_BLK in the processor's order (any float dtype; rounded to the weights') -> [B, V, D].
  at::Tensor forward(const at::Tensor& patches_BLK, const Grid& grid, const nn::BlockRunner& run) const;

  /// The weights' dtype and device.
  at::TensorOptions options() const { return patch_weight_.options(); }

 private:
  const WindowLayout& layout(int64_t h, int64_t w) const;

  VisionConfig config_;
  at::Tensor patch_weight_;  ///< [D, 3, temporal, p, p]: a convolution whose stride is its size
  nn::ModuleList<VisionBlock> blocks_;
  PatchMerger merger_;
  /// Made once a grid; not safe for calls from several threads.
  mutable std::map<std::pair<int64_t, int64_t>, WindowLayout> layouts_;
};

}  // namespace drf::qwen
