#pragma once
// The layers of Wan 2.1's VAE. Source: diffusers 0.42, autoencoder_kl_wan.py (classes named at each).
// Every layer works on channels-last frames x_BTHWC and is causal in time: a clip may come in chunks, the
// first holding the first frame, and MemoryPass carries what is needed from chunk to chunk; the result is the
// whole clip's. Shape legend: B clips, T frames, H height, W width, C channels.

#include <ATen/core/Tensor.h>

#include <array>
#include <optional>

#include "drf/models/wan/vae_memory.h"
#include "drf/nn/module.h"
#include "drf/ops/causal_conv3d.h"

namespace drf::wan {

/// `count` frames of zeros like those of x_BTHWC: what lies before a clip.
at::Tensor zero_frames(const at::Tensor& x_BTHWC, int64_t count);

/// WanCausalConv3d. Registers "weight" [O, I, kt, kh, kw] and "bias" [O]. Height and width are padded by half
/// the kernel.
class CausalConv3d : public nn::Module {
 public:
  CausalConv3d(int64_t in, int64_t out, std::array<int64_t, 3> kernel, int64_t time_stride = 1);
  /// As it is, time not padded: x [B, kt - 1 + T, H, W, I] -> [B, T, H, W, O] (T / time_stride, if strided).
  at::Tensor forward(const at::Tensor& x_BTHWC) const;
  /// With kt - 1 earlier frames from memory, zeros before the first; time stride 1. x [B, T, H, W, I] ->
  /// [B, T, H, W, O]; `add`, if defined, is added to it.
  at::Tensor forward(const at::Tensor& x_BTHWC, MemoryPass& memory, const at::Tensor& add = {}) const;

 private:
  std::array<int64_t, 3> kernel_;
  int64_t time_stride_;
  at::Tensor weight_, bias_;
  ops::PackedWeight packed_;
};

/// WanCausalConv3d and Conv2d of kernel 1: "weight" [O, I, 1, 1(, 1)] and "bias" [O], a product over
/// channels.
class PointwiseConv : public nn::Module {
 public:
  PointwiseConv(int64_t in, int64_t out, int64_t kernel_dims);
  at::Tensor forward(const at::Tensor& x) const;  ///< [..., I] -> [..., O]
  at::ScalarType dtype() const { return weight_.scalar_type(); }

 private:
  at::Tensor weight_, bias_;
};

/// WanRMS_norm: "gamma" [C, 1, 1(, 1)].
class ChannelRms : public nn::Module {
 public:
  ChannelRms(int64_t channels, int64_t trailing_dims);
  at::Tensor forward(const at::Tensor& x) const;  ///< [..., C] -> [..., C]
  at::Tensor silu(const at::Tensor& x) const;     ///< silu of the norm

 private:
  at::Tensor gamma_;
};

/// WanResidualBlock: x' = shortcut(x) + conv2(silu(norm2(conv1(silu(norm1(x)))))).
class ResidualBlock : public nn::Module {
 public:
  ResidualBlock(int64_t in, int64_t out);
  at::Tensor forward(const at::Tensor& x_BTHWC, MemoryPass& memory) const;

 private:
  ChannelRms norm1_;
  CausalConv3d conv1_;
  ChannelRms norm2_;
  CausalConv3d conv2_;
  std::optional<PointwiseConv> shortcut_;
};

/// WanAttentionBlock: one head of width C over the pixels of each frame alone.
class AttentionBlock : public nn::Module {
 public:
  explicit AttentionBlock(int64_t channels);
  at::Tensor forward(const at::Tensor& x_BTHWC) const;

 private:
  ChannelRms norm_;
  PointwiseConv to_qkv_, proj_;
};

/// WanMidBlock: residual, attention, residual.
class MidBlock : public nn::Module {
 public:
  explicit MidBlock(int64_t channels);
  at::Tensor forward(const at::Tensor& x_BTHWC, MemoryPass& memory) const;

 private:
  ResidualBlock before_;
  AttentionBlock attention_;
  ResidualBlock after_;
};

}  // namespace drf::wan
