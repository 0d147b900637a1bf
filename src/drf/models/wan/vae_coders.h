#pragma once
// The two halves of Wan's VAE: WanDecoder3d and WanEncoder3d of diffusers 0.42. Shapes as in vae_blocks.h.

#include "drf/models/wan/vae_config.h"
#include "drf/models/wan/vae_resample.h"
#include "drf/models/wan/vae_walk.h"

namespace drf::wan {

/// One level of the decoder (WanUpBlock).
class UpBlock : public nn::Module {
 public:
  /// `upsample`: absent for the finest level, else whether it doubles time too.
  UpBlock(int64_t in, int64_t out, int64_t num_blocks, std::optional<bool> upsample);
  /// Its two halves, one after the other. The finest level's upsample gives back what it got.
  at::Tensor refine(at::Tensor x_BTHWC, MemoryPass& memory) const;
  at::Tensor upsample(const at::Tensor& x_BTHWC, MemoryPass& memory) const;

 private:
  nn::ModuleList<ResidualBlock> resnets_;
  std::optional<Upsample> upsampler_;
};

/// Rows of a stripe that are not its own: on each side the margin, or as many as the picture still has there.
struct StripeEdges {
  int64_t above = 0, below = 0;
};

class VaeDecoder : public nn::Module {
 public:
  explicit VaeDecoder(const VaeConfig& config);
  /// Latents [B, T, H, W, z_dim] -> pixels [B, frames, H * s, W * s, out_channels].
  at::Tensor forward(const at::Tensor& z_BTHWC, MemoryPass& memory) const {
    return fine(coarse(z_BTHWC, memory), memory, {});
  }
  /// Its two halves: the levels that need the whole picture, and those that look no further than
  /// StripeLevels::margins, here of a stripe of rows.
  at::Tensor coarse(const at::Tensor& z_BTHWC, MemoryPass& memory) const;
  at::Tensor fine(const at::Tensor& x_BTHWC, MemoryPass& memory, StripeEdges edges) const;
  const StripeLevels& stripe_levels() const { return stripe_levels_; }

 private:
  StripeLevels stripe_levels_;
  CausalConv3d conv_in_;
  MidBlock mid_;
  nn::ModuleList<UpBlock> up_blocks_;
  ChannelRms norm_out_;
  CausalConv3d conv_out_;
};

class VaeEncoder : public nn::Module {
 public:
  explicit VaeEncoder(const VaeConfig& config);
  /// Pixels [B, frames, H, W, in_channels] -> moments [B, T, H / s, W / s, 2 * z_dim] before quant_conv.
  at::Tensor forward(const at::Tensor& x_BTHWC, MemoryPass& memory) const;

 private:
  /// The checkpoint keeps residual blocks and downsamplers in one list.
  struct Layer {
    std::unique_ptr<ResidualBlock> block;
    std::unique_ptr<Downsample> downsample;
  };
  CausalConv3d conv_in_;
  std::vector<Layer> down_blocks_;
  MidBlock mid_;
  ChannelRms norm_out_;
  CausalConv3d conv_out_;
};

}  // namespace drf::wan
