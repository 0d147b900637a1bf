#pragma once
// What Wan's parts compute, on paper (models/flops.h). Each line is a layer of transformer.h or vae_coders.h.

#include "drf/models/flops.h"
#include "drf/models/wan/transformer_config.h"
#include "drf/models/wan/vae_config.h"

namespace drf::wan {

/// Transformer::read_text of one prompt with `text` rows.
inline models::Flops read_text_flops(const TransformerConfig& c, int64_t text) {
  const auto S = static_cast<double>(text), D = static_cast<double>(c.width());
  return models::products(S * (static_cast<double>(c.text_dim) * D + D * D)) +  // text_embedder
         static_cast<double>(c.num_layers) * models::products(S * 2 * D * D);   // attn2.to_k, to_v
}

/// Transformer::forward of one clip of `video` tokens (after patching) beside `text` rows that were read
/// before.
inline models::Flops velocity_flops(const TransformerConfig& c, int64_t video, int64_t text) {
  const auto L = static_cast<double>(video), S = static_cast<double>(text);
  const auto D = static_cast<double>(c.width()), F = static_cast<double>(c.ffn_dim);
  const auto patch = static_cast<double>(c.patch_volume());
  const models::Flops block = models::products(L * 4 * D * D) +  // attn1: to_q, to_k, to_v, to_out
                              models::attention(L * L, D) +      // attn1
                              models::products(L * 2 * D * D) +  // attn2: to_q, to_out
                              models::attention(L * S, D) +      // attn2
                              models::products(L * 2 * D * F);   // ffn
  return models::products(L * static_cast<double>(c.in_channels) * patch * D) +       // patch_embedding
         models::products(static_cast<double>(c.freq_dim) * D + D * D + 6 * D * D) +  // time: one row
         static_cast<double>(c.num_layers) * block +
         models::products(L * D * static_cast<double>(c.out_channels) * patch);  // proj_out
}

/// Vae::decode of one clip of `latents` latent frames of `height` x `width`, on the plain convolutions:
/// padding counts, and nearest-neighbour enlargement is done before its convolution.
inline models::Flops decode_flops(const VaeConfig& c, int64_t latents, int64_t height, int64_t width) {
  double T = static_cast<double>(latents), area = static_cast<double>(height * width);
  const auto z = static_cast<double>(c.z_dim);
  const auto channels = [&](int64_t level) {
    return static_cast<double>(c.decoder_base_dim * c.dim_mult[static_cast<size_t>(level)]);
  };
  const auto conv = [&](double in, double out, double taps) {
    return models::products(T * area * in * out * taps);
  };
  const auto residual = [&](double in, double out) {
    return conv(in, out, 27) + conv(out, out, 27) + (in == out ? models::Flops() : conv(in, out, 1));
  };
  double C = channels(c.num_levels() - 1);
  models::Flops total = conv(z, z, 1) + conv(z, C, 27);  // post_quant_conv, conv_in
  total = total + 2 * residual(C, C) + conv(C, 3 * C, 1) + conv(C, C, 1) +
          models::attention(T * area * area, C);  // mid_block: attention over the pixels of each frame
  for (int64_t level = c.num_levels() - 1; level >= 0; --level) {
    const double out = channels(level);
    for (int64_t i = 0; i <= c.num_res_blocks; ++i) total = total + residual(i == 0 ? C : out, out);
    C = out;
    if (level == 0) break;
    if (c.temporal_downsample[static_cast<size_t>(level - 1)]) {  // time_conv: all frames but the first
      total = total + models::products((T - 1) * area * C * 2 * C * 3);
      T = 2 * T - 1;
    }
    area *= 4;
    total = total + conv(C, C / 2, 9);  // resample.1
    C /= 2;
  }
  return total + conv(C, static_cast<double>(c.out_channels), 27);  // conv_out
}

}  // namespace drf::wan
