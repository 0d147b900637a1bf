#include "drf/models/qwen2_5_vl/vision.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"
#include "drf/tensor/precision.h"

namespace drf::qwen {
namespace {

constexpr double kNormEps = 1e-6;  // fixed in the reference

}  // namespace

VisionBlock::VisionBlock(const VisionConfig& c)
    : norm1_(c.hidden_size, kNormEps),
      norm2_(c.hidden_size, kNormEps),
      attn_(c.hidden_size, c.num_heads),
      mlp_(c.hidden_size, c.intermediate_size, /*bias=*/true) {
  register_module("norm1", norm1_);
  register_module("norm2", norm2_);
  register_module("attn", attn_);
  register_module("mlp", mlp_);
}

at::Tensor VisionBlock::forward(const at::Tensor& x_FLD, const WindowLayout& layout, bool whole) const {
  const at::Tensor normed = norm1_.forward(x_FLD);
  const at::Tensor h = x_FLD + (whole ? attn_.forward(normed, layout.rotary)
                                      : attn_.forward(normed, layout.rotary, layout.groups));
  return h + mlp_.forward(norm2_.forward(h));
}

PatchMerger::PatchMerger(const VisionConfig& c)
    : merged_width_(c.hidden_size * c.merge_unit()),
      ln_q_(c.hidden_size, kNormEps),
      in_(merged_width_, merged_width_),
      out_(merged_width_, c.out_hidden_size) {
  register_module("ln_q", ln_q_);
  register_module("mlp.0", in_);
  register_module("mlp.2", out_);
}

at::Tensor PatchMerger::forward(const at::Tensor& x_FLD) const {
  const at::Tensor merged = ln_q_.forward(x_FLD).reshape({x_FLD.size(0), -1, merged_width_});
  return out_.forward(at::gelu(in_.forward(merged)));
}

VisionTower::VisionTower(const VisionConfig& c) : config_(c), merger_(c) {
  register_parameter("patch_embed.proj.weight", patch_weight_,
                     {c.hidden_size, 3, c.temporal_patch_size, c.patch_size, c.patch_size});
  for (int64_t i = 0; i < c.depth; ++i) {
    blocks_.push_back(std::make_unique<VisionBlock>(c));
    register_module(concat("blocks.", i), *blocks_.back());
  }
  register_module("merger", merger_);
}

const WindowLayout& VisionTower::layout(int64_t h, int64_t w) const {
  auto found = layouts_.find({h, w});
  if (found == layouts_.end()) {
    // Angles in float32 or wider: the rotation is formed there whatever the weights are.
    found = layouts_
                .emplace(std::pair(h, w),
                         window_layout(h, w, config_, at_least_float(patch_weight_.scalar_type()),
                                       patch_weight_.device()))
                .first;
  }
  return found->second;
}

at::Tensor VisionTower::forward(const at::Tensor& patches_BLK, const Grid& grid,
                                const nn::BlockRunner& run) const {
  DRF_CHECK(patches_BLK.dim() == 3 && patches_BLK.size(1) == grid.patches() &&
                patches_BLK.size(2) == config_.patch_values(),
            "patches ", patches_BLK.sizes(), " for a grid of ", grid.t, " x ", grid.h, " x ", grid.w);
  const int64_t clips = patches_BLK.size(0), frames = clips * grid.t, unit = config_.merge_unit();
  const WindowLayout& windows = layout(grid.h, grid.w);

  const at::Tensor patches = patches_BLK.to(patch_weight_.scalar_type());
  at::Tensor x = at::linear(patches, patch_weight_.flatten(1)).reshape({frames, grid.h * grid.w, -1});
  if (windows.order.defined()) {
    x = x.unflatten(1, {-1, unit}).index_select(1, windows.order).flatten(1, 2);
  }
  for (size_t i = 0; i < blocks_.size(); ++i) {
    VisionBlock& block = *blocks_[i];
    const bool whole = config_.full_attention(static_cast<int64_t>(i));
    x = run(block, {x},
            [&block, &windows, whole](const auto& in) { return block.forward(in[0], windows, whole); });
  }
  x = merger_.forward(x);
  if (windows.inverse.defined()) x = x.index_select(1, windows.inverse);
  return x.reshape({clips, -1, x.size(-1)});
}

}  // namespace drf::qwen
