#include "drf/models/wan/vae_blocks.h"

#include <ATen/ATen.h>

#include "drf/ops/causal_conv3d.h"
#include "drf/ops/frozen_conv3d.h"
#include "drf/ops/rms_silu.h"

namespace drf::wan {
namespace {

/// The last `count` frames of cat(past, x); a past that is undefined is zeros.
at::Tensor last_frames(const at::Tensor& past, const at::Tensor& x_BTHWC, int64_t count) {
  if (x_BTHWC.size(1) >= count) return x_BTHWC.narrow(1, x_BTHWC.size(1) - count, count);
  return at::cat({past.defined() ? past : zero_frames(x_BTHWC, count), x_BTHWC}, 1)
      .narrow(1, x_BTHWC.size(1), count);
}

}  // namespace

at::Tensor zero_frames(const at::Tensor& x_BTHWC, int64_t count) {
  return at::zeros({x_BTHWC.size(0), count, x_BTHWC.size(2), x_BTHWC.size(3), x_BTHWC.size(4)},
                   x_BTHWC.options());
}

CausalConv3d::CausalConv3d(int64_t in, int64_t out, std::array<int64_t, 3> kernel, int64_t time_stride)
    : kernel_(kernel), time_stride_(time_stride) {
  register_parameter("weight", weight_, {out, in, kernel[0], kernel[1], kernel[2]});
  register_parameter("bias", bias_, {out});
}

at::Tensor CausalConv3d::forward(const at::Tensor& x_BTHWC) const {
  return ops::conv3d_channels_last(x_BTHWC, weight_, bias_, {time_stride_, 1, 1},
                                   {0, kernel_[1] / 2, kernel_[2] / 2});
}

at::Tensor CausalConv3d::forward(const at::Tensor& x_BTHWC, MemoryPass& memory, const at::Tensor& add) const {
  const int64_t earlier = kernel_[0] - 1;
  const at::Tensor past = memory.recall([] { return at::Tensor(); });
  if (memory.keeps()) memory.leave(last_frames(past, x_BTHWC, earlier));
  return ops::causal_conv3d(x_BTHWC, past, weight_, bias_, packed_, add);
}

PointwiseConv::PointwiseConv(int64_t in, int64_t out, int64_t kernel_dims) {
  std::vector<int64_t> shape(2 + kernel_dims, 1);
  shape[0] = out;
  shape[1] = in;
  register_parameter("weight", weight_, shape);
  register_parameter("bias", bias_, {out});
}

at::Tensor PointwiseConv::forward(const at::Tensor& x) const {
  return at::linear(x, weight_.flatten(1), bias_);
}

ChannelRms::ChannelRms(int64_t channels, int64_t trailing_dims) {
  std::vector<int64_t> shape(1 + trailing_dims, 1);
  shape[0] = channels;
  register_parameter("gamma", gamma_, shape);
}

at::Tensor ChannelRms::forward(const at::Tensor& x) const { return ops::channel_rms(x, gamma_.flatten()); }

at::Tensor ChannelRms::silu(const at::Tensor& x) const { return ops::rms_silu(x, gamma_.flatten()); }

ResidualBlock::ResidualBlock(int64_t in, int64_t out)
    : norm1_(in, 3), conv1_(in, out, {3, 3, 3}), norm2_(out, 3), conv2_(out, out, {3, 3, 3}) {
  register_module("norm1", norm1_);
  register_module("conv1", conv1_);
  register_module("norm2", norm2_);
  register_module("conv2", conv2_);
  if (in != out) register_module("conv_shortcut", shortcut_.emplace(in, out, 3));
}

at::Tensor ResidualBlock::forward(const at::Tensor& x_BTHWC, MemoryPass& memory) const {
  const at::Tensor y = conv1_.forward(norm1_.silu(x_BTHWC), memory);
  return conv2_.forward(norm2_.silu(y), memory, shortcut_ ? shortcut_->forward(x_BTHWC) : x_BTHWC);
}

AttentionBlock::AttentionBlock(int64_t channels)
    : norm_(channels, 2), to_qkv_(channels, 3 * channels, 2), proj_(channels, channels, 2) {
  register_module("norm", norm_);
  register_module("to_qkv", to_qkv_);
  register_module("proj", proj_);
}

at::Tensor AttentionBlock::forward(const at::Tensor& x_BTHWC) const {
  const at::Tensor qkv = to_qkv_.forward(norm_.forward(x_BTHWC)).flatten(2, 3).flatten(0, 1).unsqueeze(1);
  const auto parts = qkv.chunk(3, -1);  // each [B*T, 1, H*W, C]
  const at::Tensor y = at::scaled_dot_product_attention(parts[0], parts[1], parts[2]);
  return x_BTHWC + proj_.forward(y.reshape(x_BTHWC.sizes()));
}

MidBlock::MidBlock(int64_t channels)
    : before_(channels, channels), attention_(channels), after_(channels, channels) {
  register_module("resnets.0", before_);
  register_module("attentions.0", attention_);
  register_module("resnets.1", after_);
}

at::Tensor MidBlock::forward(const at::Tensor& x_BTHWC, MemoryPass& memory) const {
  return after_.forward(attention_.forward(before_.forward(x_BTHWC, memory)), memory);
}

}  // namespace drf::wan
