#include "drf/models/qwen3_vl/vision.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/tensor/precision.h"

namespace drf::qwen3 {
namespace {

constexpr double kNormEps = 1e-6;  // fixed in the reference

}  // namespace

VisionBlock::VisionBlock(const VisionConfig& c)
    : norm1_(c.hidden_size, kNormEps),
      norm2_(c.hidden_size, kNormEps),
      attn_(c.hidden_size, c.num_heads),
      fc1_(c.hidden_size, c.intermediate_size),
      fc2_(c.intermediate_size, c.hidden_size) {
  register_module("norm1", norm1_);
  register_module("norm2", norm2_);
  register_module("attn", attn_);
  register_module("mlp.linear_fc1", fc1_);
  register_module("mlp.linear_fc2", fc2_);
}

at::Tensor VisionBlock::forward(const at::Tensor& x_FLD, const ops::RotaryTable& rotary) const {
  const at::Tensor h = x_FLD + attn_.forward(norm1_.forward(x_FLD), rotary);
  return h + fc2_.forward(at::gelu(fc1_.forward(norm2_.forward(h)), "tanh"));
}

PatchMerger::PatchMerger(const VisionConfig& c, Norm norm)
    : joined_width_(c.hidden_size * c.merge_unit()),
      order_(norm),
      norm_(norm == Norm::kJoined ? joined_width_ : c.hidden_size, kNormEps),
      fc1_(joined_width_, joined_width_),
      fc2_(joined_width_, c.out_hidden_size) {
  register_module("norm", norm_);
  register_module("linear_fc1", fc1_);
  register_module("linear_fc2", fc2_);
}

at::Tensor PatchMerger::forward(const at::Tensor& x_FLD) const {
  const auto join = [&](const at::Tensor& x) { return x.reshape({x.size(0), -1, joined_width_}); };
  const at::Tensor joined = order_ == Norm::kJoined ? norm_.forward(join(x_FLD)) : join(norm_.forward(x_FLD));
  return fc2_.forward(at::gelu(fc1_.forward(joined)));  // of the error function, unlike the blocks'
}

VisionTower::VisionTower(const VisionConfig& c) : config_(c), merger_(c, PatchMerger::Norm::kPatches) {
  register_parameter("patch_embed.proj.weight", patch_weight_,
                     {c.hidden_size, 3, c.temporal_patch_size, c.patch_size, c.patch_size});
  register_parameter("patch_embed.proj.bias", patch_bias_, {c.hidden_size});
  register_parameter("pos_embed.weight", position_table_, {c.num_positions, c.hidden_size});
  for (int64_t i = 0; i < c.depth; ++i) {
    blocks_.push_back(std::make_unique<VisionBlock>(c));
    register_module(concat("blocks.", i), *blocks_.back());
  }
  register_module("merger", merger_);
  for (size_t i = 0; i < c.deepstack_blocks.size(); ++i) {
    deepstack_mergers_.push_back(std::make_unique<PatchMerger>(c, PatchMerger::Norm::kJoined));
    register_module(concat("deepstack_merger_list.", i), *deepstack_mergers_.back());
  }
}

const VisionTower::Layout& VisionTower::layout(int64_t h, int64_t w) const {
  auto found = layouts_.find({h, w});
  if (found == layouts_.end()) {
    const qwen::PatchPlaces places = qwen::patch_places_in_order(h, w, config_.spatial_merge_size);
    // Angles in float32 or wider: the rotation is formed there whatever the weights are.
    const ops::RotaryTable rotary = qwen::axial_rotary(places, config_.head_dim(), config_.rope_theta,
                                                       at_least_float(patch_weight_.scalar_type()));
    const TablePlaces table = table_places(places, h, w, config_.table_side());
    const at::Device device = patch_weight_.device();
    const Layout made{{rotary.cos.to(device), rotary.sin.to(device)},
                      {table.rows_L4.to(device), table.weights_L4.to(device)}};
    found = layouts_.emplace(std::pair(h, w), made).first;
  }
  return found->second;
}

qwen::VideoTokens VisionTower::forward(const at::Tensor& patches_BLK, const qwen::Grid& grid,
                                       const nn::BlockRunner& run) const {
  DRF_CHECK(patches_BLK.dim() == 3 && patches_BLK.size(1) == grid.patches() &&
                patches_BLK.size(2) == config_.patch_values(),
            "patches ", patches_BLK.sizes(), " for a grid of ", grid.t, " x ", grid.h, " x ", grid.w);
  const int64_t clips = patches_BLK.size(0), frames = clips * grid.t;
  const Layout& at_grid = layout(grid.h, grid.w);
  const auto a_clip = [&](const at::Tensor& x_FVD) { return x_FVD.reshape({clips, -1, x_FVD.size(-1)}); };

  const at::Tensor patches = patches_BLK.to(patch_weight_.scalar_type());
  const at::Tensor embedded = at::linear(patches, patch_weight_.flatten(1), patch_bias_);
  const at::Tensor positions = look_up(position_table_, at_grid.places).to(embedded.scalar_type());
  at::Tensor x = embedded.reshape({frames, grid.h * grid.w, -1}) + positions;  // every group's are the same
  qwen::VideoTokens out;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    VisionBlock& block = *blocks_[i];
    x = run(block, {x}, [&block, &at_grid](const auto& in) { return block.forward(in[0], at_grid.rotary); });
    const auto& listed = config_.deepstack_blocks;
    const auto entry = std::find(listed.begin(), listed.end(), static_cast<int64_t>(i));
    if (entry == listed.end()) continue;
    PatchMerger& merger = *deepstack_mergers_[entry - listed.begin()];
    out.added_BVD.push_back(
        a_clip(run(merger, {x}, [&merger](const auto& in) { return merger.forward(in[0]); })));
  }
  out.tokens_BVD = a_clip(merger_.forward(x));
  return out;
}

}  // namespace drf::qwen3
