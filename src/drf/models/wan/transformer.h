#pragma once
// The Wan 2.1 text-to-video diffusion transformer: latents, a timestep and text states in, a velocity out.
// Must equal diffusers 0.42.1 WanTransformer3DModel (values and gradients:
// tests/parity/wan_transformer_test.cpp).
//
// Shape letters: B batch, C latent channels, T H W latent frames, height, width; L video tokens after
// patching; S text tokens; D width = heads * head_dim; N heads; E head_dim.

#include <ATen/core/Tensor.h>

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "drf/models/wan/transformer_config.h"
#include "drf/nn/block_runner.h"
#include "drf/nn/linear.h"
#include "drf/nn/module.h"
#include "drf/nn/norm.h"

namespace drf::wan {

/// Complex rotations e^{i angle} of shape (L, 1, E/2): the head is split into three bands (time, height,
/// width), each turning with one axis of the token's position; pairs are (2i, 2i+1). complex64, or complex128
/// for float64 models.
at::Tensor rotary_table(const TransformerConfig& config, at::IntArrayRef grid_thw, at::ScalarType dtype,
                        at::Device device);

/// What a layer attends to: keys_BSNE (normalised over all heads at once) and values_BSNE. One row serves any
/// batch.
struct KeysValues {
  at::Tensor keys, values;
};

/// Self-attention or cross-attention. q and k are normalised over all heads at once.
class Attention : public nn::Module {
 public:
  Attention(const TransformerConfig& config);
  KeysValues keys_values(const at::Tensor& source_BSD) const;
  /// Self-attention of x_BLD with rotary (L, 1, E/2).
  at::Tensor forward(const at::Tensor& x_BLD, const at::Tensor& rotary) const;
  /// Attention of x_BLD to given keys and values. bias: undefined or (B, 1, 1, S), added to the scores.
  at::Tensor forward(const at::Tensor& x_BLD, const KeysValues& kv, const at::Tensor& bias) const;

 private:
  at::Tensor queries(const at::Tensor& x_BLD) const;
  at::Tensor attend(const at::Tensor& q_BLNE, const KeysValues& kv, const at::Tensor& bias) const;
  at::Tensor split_heads(const at::Tensor& x) const { return x.unflatten(2, {num_heads_, -1}); }

  int64_t num_heads_;
  nn::Linear to_q_, to_k_, to_v_, to_out_;
  nn::RmsNorm norm_q_, norm_k_;
};

/// GELU (tanh) feed-forward layer.
class FeedForward : public nn::Module {
 public:
  FeedForward(int64_t dim, int64_t inner_dim);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  nn::Linear in_, out_;
};

class TransformerBlock : public nn::Module {
 public:
  explicit TransformerBlock(const TransformerConfig& config);
  /// The text as this block's cross-attention sees it; it depends on nothing else.
  KeysValues read_text(const at::Tensor& text_BSD) const { return attn2_.keys_values(text_BSD); }
  /// time_B6D: the six modulation vectors' time part, in the model's dtype; one row serves any batch.
  /// text_bias as Attention::forward's.
  at::Tensor forward(const at::Tensor& x_BLD, const KeysValues& text, const at::Tensor& text_bias,
                     const at::Tensor& time_B6D, const at::Tensor& rotary) const;

 private:
  double eps_;
  std::unique_ptr<nn::LayerNorm> norm2_;
  Attention attn1_, attn2_;
  FeedForward ffn_;
  at::Tensor scale_shift_table_;  // (1, 6, D)
};

/// Two linear layers with an activation between, as both the time and the text embedder are built.
class TwoLayerEmbedder : public nn::Module {
 public:
  enum class Activation { kSilu, kGeluTanh };
  TwoLayerEmbedder(int64_t in_dim, int64_t out_dim, Activation activation, nn::Precision precision);
  at::Tensor forward(const at::Tensor& x) const;
  bool trains() const;  ///< what it gives may change with every update

 private:
  Activation activation_;
  nn::Linear linear_1_, linear_2_;
};

/// Text as the whole transformer reads it, the same at every step of a rollout. Rows of text states that are
/// all zero (padding) have the same keys and values: they are kept once, and `bias` adds the logarithm of how
/// many there are to their scores, which is the same softmax (in half types two rows, whose rounded
/// logarithms add up to the count).
struct TextReading {
  std::vector<KeysValues> blocks;  ///< one a block
  at::Tensor bias;                 ///< (B, 1, 1, S), or undefined where no row stands for several
};

/// A timestep as the whole transformer reads it, the same for every clip and branch.
struct TimeReading {
  at::Tensor embedding_BD;
  at::Tensor modulation_B6D;
};

/// Time and text conditioning.
class ConditionEmbedder : public nn::Module {
 public:
  explicit ConditionEmbedder(const TransformerConfig& config);
  TimeReading embed_time(const at::Tensor& timestep_B, at::ScalarType dtype) const;
  bool time_is_trained() const;
  at::Tensor embed_text(const at::Tensor& text_BSE) const { return text_embedder_.forward(text_BSE); }

 private:
  int64_t freq_dim_, width_;
  TwoLayerEmbedder time_embedder_, text_embedder_;
  nn::Linear time_proj_;
};

class Transformer : public nn::Module {
 public:
  explicit Transformer(const TransformerConfig& config);

  /// text_BNE: text-encoder states of B prompts of `lengths` tokens, the longest of N (a model's own dtype),
  /// of which the model was trained to read `padded_to` rows, zeros after each prompt's own. Differentiable
  /// in the parameters and in the prompts' rows.
  TextReading read_text(const at::Tensor& text_BNE, const std::vector<int64_t>& lengths,
                        int64_t padded_to) const;

  /// timestep_B in [0, 1000], float32 or wider, may be fractional; dtype: the model's.
  TimeReading read_time(const at::Tensor& timestep_B, at::ScalarType dtype) const {
    return condition_embedder_.embed_time(timestep_B, dtype);
  }
  /// Whether what read_time gives depends on anything that is trained; else it may be kept.
  bool time_is_trained() const { return condition_embedder_.time_is_trained(); }

  /// x_BCTHW latents in the model's dtype, extents multiples of the patch; time and text as read_time and
  /// read_text give them, of B rows or one.
  /// Returns the velocity, shaped like x, float32 or wider. Throws Error(kConfig) when the size is no
  /// multiple of the patch or exceeds the rotary table.
  at::Tensor forward(const at::Tensor& x_BCTHW, const TimeReading& time, const TextReading& text,
                     const nn::BlockRunner& run = {}) const;
  /// The same from timesteps and text-encoder states, every row of which is read as it is.
  at::Tensor forward(const at::Tensor& x_BCTHW, const at::Tensor& timestep_B, const at::Tensor& text_BSE,
                     const nn::BlockRunner& run = {}) const {
    const std::vector<int64_t> whole(static_cast<size_t>(text_BSE.size(0)), text_BSE.size(1));
    return forward(x_BCTHW, read_time(timestep_B, x_BCTHW.scalar_type()),
                   read_text(text_BSE, whole, text_BSE.size(1)), run);
  }

  const TransformerConfig& config() const { return config_; }

 private:
  const at::Tensor& rotary(at::IntArrayRef grid_thw, at::ScalarType dtype, at::Device device) const;

  TransformerConfig config_;
  at::Tensor patch_weight_, patch_bias_;  // (D, C, pt, ph, pw), (D)
  at::Tensor scale_shift_table_;          // (1, 2, D)
  std::unique_ptr<nn::Module> patch_embedding_;
  ConditionEmbedder condition_embedder_;
  nn::ModuleList<TransformerBlock> blocks_;
  nn::Linear proj_out_;
  mutable std::map<std::vector<int64_t>, at::Tensor>
      rotary_tables_;  // by grid and dtype: a run has one or two
};

}  // namespace drf::wan
