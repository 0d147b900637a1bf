#pragma once
// Changing the resolution in space and time: WanResample of diffusers 0.42's autoencoder_kl_wan.py.
// Shapes as in vae_blocks.h.

#include "drf/models/wan/vae_blocks.h"

namespace drf::wan {

/// "upsample2d", "upsample3d": in time, every frame but the clip's first becomes two (the halves of a doubled
/// channel axis); in space, nearest neighbour and a convolution to half the channels. Checkpoint names:
/// "time_conv", "resample.1".
class Upsample : public nn::Module {
 public:
  Upsample(int64_t channels, bool in_time);
  /// [B, T, H, W, C] -> [B, T', 2H, 2W, C / 2]; T' = T, with time 2T, in the first chunk 2T - 1.
  at::Tensor forward(const at::Tensor& x_BTHWC, MemoryPass& memory) const;

 private:
  at::Tensor double_frames(const at::Tensor& x_BTHWC, MemoryPass& memory) const;
  at::Tensor weight_, bias_;  ///< of the spatial convolution, [C / 2, C, 3, 3]
  ops::PackedWeight packed_;
  std::optional<CausalConv3d> time_conv_;
};

/// "downsample2d", "downsample3d": a convolution of stride 2 over space padded below and to the right; then
/// one of stride 2 over time, which the clip's first frame skips.
class Downsample : public nn::Module {
 public:
  Downsample(int64_t channels, bool in_time);
  /// [B, T, H, W, C] -> [B, T', H / 2, W / 2, C]; T' = T, with time T / 2, in the first chunk (T + 1) / 2.
  at::Tensor forward(const at::Tensor& x_BTHWC, MemoryPass& memory) const;

 private:
  at::Tensor halve_frames(const at::Tensor& x_BTHWC, MemoryPass& memory) const;
  at::Tensor weight_, bias_;  ///< of the spatial convolution, [C, C, 3, 3]
  std::optional<CausalConv3d> time_conv_;
};

}  // namespace drf::wan
