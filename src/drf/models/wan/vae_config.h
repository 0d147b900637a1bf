#pragma once
// config.json of diffusers' AutoencoderKLWan, as Wan 2.1 uses it.

#include <cstdint>
#include <vector>

#include "drf/tensor/json_config.h"

namespace drf::wan {

struct VaeConfig {
  int64_t base_dim = 96;          ///< channels of the encoder's finest level
  int64_t decoder_base_dim = 96;  ///< channels of the decoder's finest level; null in the file means base_dim
  int64_t z_dim = 16;             ///< latent channels
  int64_t in_channels = 3;
  int64_t out_channels = 3;
  int64_t num_res_blocks = 2;                    ///< a level of the encoder; the decoder has one more
  std::vector<int64_t> dim_mult = {1, 2, 4, 4};  ///< level widths / base_dim, finest first
  std::vector<bool> temporal_downsample = {false, true,
                                           true};  ///< one a transition between levels, finest first
  std::vector<double> latents_mean;                ///< [z_dim]
  std::vector<double> latents_std;                 ///< [z_dim]

  /// Reads the keys of diffusers ("temperal_downsample" is its spelling). Throws Error(kInput), naming file
  /// and key, for a missing or inconsistent value and for what is not supported: residual shortcuts and
  /// patches (Wan 2.2's VAE) and attention inside the levels, which diffusers itself cannot run.
  static VaeConfig read(const JsonConfig& json);

  int64_t num_levels() const { return static_cast<int64_t>(dim_mult.size()); }
  /// Pixels a latent spans in height and width.
  int64_t spatial_factor() const { return int64_t{1} << (num_levels() - 1); }
  /// Frames a latent spans, the first of a clip excepted: it spans one.
  int64_t temporal_factor() const;
  /// 1 + (latents - 1) * temporal_factor.
  int64_t frames_of(int64_t latents) const { return 1 + (latents - 1) * temporal_factor(); }
};

}  // namespace drf::wan
