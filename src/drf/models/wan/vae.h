#pragma once
// Wan 2.1's video VAE: AutoencoderKLWan of diffusers 0.42, with latents normalised as the pipeline holds
// them. Parameters carry the checkpoint's names ("decoder.up_blocks.0.resnets.0.conv1.weight", ...). Left
// out: Wan 2.2's residual shortcuts and patches, the reference's blended tiles, sampling from the posterior.
// Shape legend: B clips, C latent channels, T latent frames, F = 1 + (T - 1) * temporal_factor pixel frames.

#include <ATen/core/Tensor.h>

#include <optional>

#include "drf/models/wan/vae_coders.h"
#include "drf/nn/load.h"

namespace drf::wan {

class Vae : public nn::Module {
 public:
  /// What is there: where nobody encodes, the encoder takes neither memory nor reading.
  enum class Parts { kBoth, kDecoder };
  explicit Vae(const VaeConfig& config, Parts parts);
  const VaeConfig& config() const { return config_; }

  /// Normalised latents [B, z_dim, T, H, W], any float dtype -> frames [B, out_channels, F, H * s, W * s] in
  /// the weights' dtype, about [-1, 1]. Unlike the reference's, the values are not clamped: pixels beyond the
  /// range keep their gradient. Throws Error(kInput) for another shape.
  at::Tensor decode(const at::Tensor& z_BCTHW, const ClipWalk& walk = {}) const;

  /// Frames [B, in_channels, F, H, W] in [-1, 1], F - 1 a multiple of the temporal factor, H and W of the
  /// spatial one
  /// -> the posterior's mean, normalised, [B, z_dim, T, H / s, W / s] in the weights' dtype. Throws
  /// Error(kInput) for another shape.
  at::Tensor encode(const at::Tensor& x_B3FHW, const ClipWalk& walk = {}) const;

 private:
  at::Tensor raw_latents(const at::Tensor& z_BCTHW) const;
  at::Tensor encode_pass(const at::Tensor& x_BFHWC, MemoryPass& memory) const;
  /// The decoder's fine levels, a stripe at a time, from the coarse ones' x_BTHWC -> pixels [B, F, H, W, 3].
  at::Tensor decode_stripes(const at::Tensor& x_BTHWC, const ClipWalk& walk) const;
  void require_latents(const at::Tensor& z_BCTHW) const;
  void require_frames(const at::Tensor& x_B3FHW) const;

  VaeConfig config_;
  std::optional<VaeEncoder> encoder_;  ///< absent, as quant_conv_, in Parts::kDecoder
  std::optional<PointwiseConv> quant_conv_;
  PointwiseConv post_quant_conv_;
  VaeDecoder decoder_;
};

/// Fills a Vae of Parts::kDecoder from a checkpoint of the whole. Throws Error(kInput) as nn::load_strict.
void load_decoder(Vae& vae, const Checkpoint& checkpoint, nn::LoadOptions options);

}  // namespace drf::wan
