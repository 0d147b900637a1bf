#pragma once
// The vision tower of Qwen3-VL: patches to tokens of the language model, and the features of some blocks on
// the way, which the language model adds after its first layers (deepstack). Attention stays within a
// temporal patch. Equals transformers' Qwen3VLVisionModel.
//
// Shape letters: B clips, F temporal patches of all clips, L patches of one (h * w), K values of a patch,
// V tokens of a clip, D width.

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <utility>

#include "drf/models/qwen/grid.h"
#include "drf/models/qwen/question_pass.h"
#include "drf/models/qwen/vision_attention.h"
#include "drf/models/qwen3_vl/config.h"
#include "drf/models/qwen3_vl/position_table.h"
#include "drf/nn/block_runner.h"
#include "drf/nn/linear.h"
#include "drf/nn/module.h"
#include "drf/nn/norm.h"

namespace drf::qwen3 {

/// x += attention(norm1(x)); x += fc2(tanh-GELU(fc1(norm2(x)))).
class VisionBlock : public nn::Module {
 public:
  explicit VisionBlock(const VisionConfig& config);
  at::Tensor forward(const at::Tensor& x_FLD, const ops::RotaryTable& rotary) const;

 private:
  nn::LayerNorm norm1_, norm2_;
  qwen::VisionAttention attn_;
  nn::Linear fc1_, fc2_;
};

/// merge x merge neighbouring patches to one token: fc2(erf-GELU(fc1(patches side by side))).
class PatchMerger : public nn::Module {
 public:
  /// What is normalised: each patch, or the patches that are joined.
  enum class Norm { kPatches, kJoined };
  PatchMerger(const VisionConfig& config, Norm norm);
  /// [F, L, D] -> [F, L / merge^2, out_hidden_size].
  at::Tensor forward(const at::Tensor& x_FLD) const;

 private:
  int64_t joined_width_;
  Norm order_;
  nn::LayerNorm norm_;
  nn::Linear fc1_, fc2_;
};

class VisionTower : public nn::Module {
 public:
  explicit VisionTower(const VisionConfig& config);
  /// patches_BLK in the processor's order (any float dtype; rounded to the weights') -> tokens [B, V, D], and
  /// as many additions as there are deepstack blocks, in the order of the *blocks*.
  qwen::VideoTokens forward(const at::Tensor& patches_BLK, const qwen::Grid& grid,
                            const nn::BlockRunner& run) const;

 private:
  /// What depends on the size of the grid alone.
  struct Layout {
    ops::RotaryTable rotary;
    TablePlaces places;
  };
  const Layout& layout(int64_t h, int64_t w) const;

  VisionConfig config_;
  at::Tensor patch_weight_;  ///< [D, 3, temporal, p, p]: a convolution whose stride is its size
  at::Tensor patch_bias_;
  at::Tensor position_table_;  ///< [positions, D]
  nn::ModuleList<VisionBlock> blocks_;
  PatchMerger merger_;
  nn::ModuleList<PatchMerger> deepstack_mergers_;  ///< in the order of config.deepstack_blocks
  /// Made once a grid; not safe for calls from several threads.
  mutable std::map<std::pair<int64_t, int64_t>, Layout> layouts_;
};

}  // namespace drf::qwen3
