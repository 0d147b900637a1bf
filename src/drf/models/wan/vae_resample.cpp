#include "drf/models/wan/vae_resample.h"

#include <ATen/ATen.h>

#include "drf/ops/frozen_conv3d.h"

namespace drf::wan {
namespace {

constexpr int64_t kEarlierFrames = 2;  // that the convolution over time looks back

}  // namespace

Upsample::Upsample(int64_t channels, bool in_time) {
  register_parameter("resample.1.weight", weight_, {channels / 2, channels, 3, 3});
  register_parameter("resample.1.bias", bias_, {channels / 2});
  if (in_time) {
    register_module("time_conv", time_conv_.emplace(channels, 2 * channels, std::array<int64_t, 3>{3, 1, 1}));
  }
}

at::Tensor Upsample::double_frames(const at::Tensor& x_BTHWC, MemoryPass& memory) const {
  const bool is_first = memory.is_first_chunk();
  if (is_first && x_BTHWC.size(1) == 1) {
    if (memory.keeps()) memory.leave(zero_frames(x_BTHWC, kEarlierFrames));
    return x_BTHWC;
  }
  // The clip's first frame neither doubles nor enters the convolution's past.
  const auto parts = x_BTHWC.split_with_sizes({is_first ? 1 : 0, x_BTHWC.size(1) - (is_first ? 1 : 0)}, 1);
  at::Tensor doubled = time_conv_->forward(parts[1], memory);  // [B, T, H, W, 2C]
  doubled = doubled.unflatten(4, {2, -1}).movedim(4, 2).flatten(1, 2);
  return is_first ? at::cat({parts[0], doubled}, 1) : doubled;
}

at::Tensor Upsample::forward(const at::Tensor& x_BTHWC, MemoryPass& memory) const {
  const at::Tensor x = time_conv_ ? double_frames(x_BTHWC, memory) : x_BTHWC;
  return ops::doubled_conv2d(x, weight_, bias_, packed_);
}

Downsample::Downsample(int64_t channels, bool in_time) {
  register_parameter("resample.1.weight", weight_, {channels, channels, 3, 3});
  register_parameter("resample.1.bias", bias_, {channels});
  if (in_time) {
    register_module("time_conv", time_conv_.emplace(channels, channels, std::array<int64_t, 3>{3, 1, 1}, 2));
  }
}

at::Tensor Downsample::halve_frames(const at::Tensor& x_BTHWC, MemoryPass& memory) const {
  const at::Tensor first = x_BTHWC.narrow(1, 0, memory.is_first_chunk() ? 1 : 0);
  // Of a clip's first chunk the first frame is kept as it is, and is also the first tap of the next one.
  const at::Tensor past = memory.recall([&] { return x_BTHWC.narrow(1, 0, 0); });
  if (memory.keeps()) memory.leave(x_BTHWC.narrow(1, x_BTHWC.size(1) - 1, 1));
  const at::Tensor x = at::cat({past, x_BTHWC}, 1);
  if (x.size(1) < 3) return first;
  return at::cat({first, time_conv_->forward(x)}, 1);
}

at::Tensor Downsample::forward(const at::Tensor& x_BTHWC, MemoryPass& memory) const {
  const at::Tensor padded = at::constant_pad_nd(x_BTHWC, {0, 0, 0, 1, 0, 1});
  const at::Tensor y_BTHWC =
      ops::conv3d_channels_last(padded, weight_.unsqueeze(2), bias_, {1, 2, 2}, {0, 0, 0});
  return time_conv_ ? halve_frames(y_BTHWC, memory) : y_BTHWC;
}

}  // namespace drf::wan
