#include "drf/models/wan/vae_coders.h"

#include <ATen/ATen.h>

namespace drf::wan {

UpBlock::UpBlock(int64_t in, int64_t out, int64_t num_blocks, std::optional<bool> upsample) {
  for (int64_t i = 0; i < num_blocks; ++i) {
    resnets_.push_back(std::make_unique<ResidualBlock>(i == 0 ? in : out, out));
    register_module(concat("resnets.", i), *resnets_.back());
  }
  if (upsample) register_module("upsamplers.0", upsampler_.emplace(out, *upsample));
}

at::Tensor UpBlock::refine(at::Tensor x_BTHWC, MemoryPass& memory) const {
  for (const auto& resnet : resnets_) x_BTHWC = resnet->forward(x_BTHWC, memory);
  return x_BTHWC;
}

at::Tensor UpBlock::upsample(const at::Tensor& x_BTHWC, MemoryPass& memory) const {
  return upsampler_ ? upsampler_->forward(x_BTHWC, memory) : x_BTHWC;
}

namespace {

/// Rows without `above` and `below` of the stripe's neighbours.
at::Tensor crop_rows(const at::Tensor& x_BTHWC, int64_t above, int64_t below) {
  if (above == 0 && below == 0) return x_BTHWC;
  return x_BTHWC.narrow(2, above, x_BTHWC.size(2) - above - below).contiguous();
}

}  // namespace

VaeDecoder::VaeDecoder(const VaeConfig& config)
    : stripe_levels_(config),
      conv_in_(config.z_dim, config.decoder_base_dim * config.dim_mult.back(), {3, 3, 3}),
      mid_(config.decoder_base_dim * config.dim_mult.back()),
      norm_out_(config.decoder_base_dim * config.dim_mult.front(), 3),
      conv_out_(config.decoder_base_dim * config.dim_mult.front(), config.out_channels, {3, 3, 3}) {
  register_module("conv_in", conv_in_);
  register_module("mid_block", mid_);
  int64_t in = config.decoder_base_dim * config.dim_mult.back();
  for (int64_t i = 0; i < config.num_levels(); ++i) {
    const int64_t level = config.num_levels() - 1 - i;  // from the coarsest
    const int64_t out = config.decoder_base_dim * config.dim_mult[level];
    const std::optional<bool> upsample =
        level > 0 ? std::optional<bool>(config.temporal_downsample[level - 1]) : std::nullopt;
    up_blocks_.push_back(std::make_unique<UpBlock>(in, out, config.num_res_blocks + 1, upsample));
    register_module(concat("up_blocks.", i), *up_blocks_.back());
    in = out / 2;  // the upsampler halves them
  }
  register_module("norm_out", norm_out_);
  register_module("conv_out", conv_out_);
}

at::Tensor VaeDecoder::coarse(const at::Tensor& z_BTHWC, MemoryPass& memory) const {
  at::Tensor x = mid_.forward(conv_in_.forward(z_BTHWC, memory), memory);
  for (int64_t i = 0; i < stripe_levels_.first; ++i) {
    if (i > 0) x = up_blocks_[i - 1]->upsample(x, memory);
    x = up_blocks_[i]->refine(x, memory);
  }
  return x;
}

at::Tensor VaeDecoder::fine(const at::Tensor& x_BTHWC, MemoryPass& memory, StripeEdges edges) const {
  at::Tensor x = x_BTHWC;
  for (size_t i = static_cast<size_t>(stripe_levels_.first); i < up_blocks_.size(); ++i) {
    if (i > 0) {
      x = up_blocks_[i - 1]->upsample(x, memory);
      const auto beyond = [&](int64_t& edge) {  // rows that no later layer needs
        const int64_t enlarged = 2 * edge;
        edge = std::min(enlarged, stripe_levels_.margins[i]);
        return enlarged - edge;
      };
      const int64_t above = beyond(edges.above), below = beyond(edges.below);
      x = crop_rows(x, above, below);
    }
    x = up_blocks_[i]->refine(x, memory);
  }
  return crop_rows(conv_out_.forward(norm_out_.silu(x), memory), edges.above, edges.below);
}

VaeEncoder::VaeEncoder(const VaeConfig& config)
    : conv_in_(config.in_channels, config.base_dim, {3, 3, 3}),
      mid_(config.base_dim * config.dim_mult.back()),
      norm_out_(config.base_dim * config.dim_mult.back(), 3),
      conv_out_(config.base_dim * config.dim_mult.back(), 2 * config.z_dim, {3, 3, 3}) {
  register_module("conv_in", conv_in_);
  int64_t in = config.base_dim;
  for (int64_t level = 0; level < config.num_levels(); ++level) {
    const int64_t out = config.base_dim * config.dim_mult[level];
    for (int64_t i = 0; i < config.num_res_blocks; ++i, in = out) {
      auto& layer = down_blocks_.emplace_back();
      layer.block = std::make_unique<ResidualBlock>(in, out);
      register_module(concat("down_blocks.", down_blocks_.size() - 1), *layer.block);
    }
    if (level + 1 == config.num_levels()) break;
    auto& layer = down_blocks_.emplace_back();
    layer.downsample = std::make_unique<Downsample>(out, config.temporal_downsample[level]);
    register_module(concat("down_blocks.", down_blocks_.size() - 1), *layer.downsample);
  }
  register_module("mid_block", mid_);
  register_module("norm_out", norm_out_);
  register_module("conv_out", conv_out_);
}

at::Tensor VaeEncoder::forward(const at::Tensor& x_BTHWC, MemoryPass& memory) const {
  at::Tensor x = conv_in_.forward(x_BTHWC, memory);
  for (const Layer& layer : down_blocks_) {
    x = layer.block ? layer.block->forward(x, memory) : layer.downsample->forward(x, memory);
  }
  x = mid_.forward(x, memory);
  return conv_out_.forward(norm_out_.silu(x), memory);
}

}  // namespace drf::wan
