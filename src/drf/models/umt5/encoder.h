#pragma once
// The UMT5 encoder: token ids in, text states out. Must equal transformers 5.23 UMT5EncoderModel (values and
// gradients: tests/parity/umt5_test.cpp). What sets it apart from T5: every layer has its own relative
// position bias.
//
// Shape letters: B batch, S tokens, D d_model, N heads, E d_kv.

#include <ATen/core/Tensor.h>

#include "drf/models/umt5/config.h"
#include "drf/nn/linear.h"
#include "drf/nn/load.h"
#include "drf/nn/module.h"

namespace drf::umt5 {

/// Root-mean-square norm. The statistics are float32 or wider, and so is what is rounded to the weight's
/// dtype before "weight" [dim] is applied: the state may be wider than the weights (T5LayerNorm).
class Norm : public nn::Module {
 public:
  Norm(int64_t dim, double eps);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  at::Tensor weight_;
  double eps_;
};

/// Self-attention over all tokens of `keep`. Scores are not scaled; the bias depends on the distance only.
class Attention : public nn::Module {
 public:
  explicit Attention(const Config& config);
  /// x_BSD; mask_B11S: 0 where a token may be seen, else the lowest number of the scores' dtype (float32 or
  /// wider).
  at::Tensor forward(const at::Tensor& x_BSD, const at::Tensor& mask_B11S) const;

 private:
  at::Tensor position_bias(int64_t length) const;  // [1, N, S, S]
  Config config_;
  nn::Linear q_, k_, v_, o_;
  at::Tensor relative_attention_bias_;  // [buckets, N]
};

class FeedForward : public nn::Module {
 public:
  explicit FeedForward(const Config& config);
  at::Tensor forward(const at::Tensor& x_BSD) const;

 private:
  Activation activation_;
  std::unique_ptr<nn::Linear> wi_, wi_0_, wi_1_;  // wi, or wi_0 and wi_1 if gated
  nn::Linear wo_;                                 // float32 in a float16 model
};

class Block : public nn::Module {
 public:
  explicit Block(const Config& config);
  at::Tensor forward(const at::Tensor& x_BSD, const at::Tensor& mask_B11S) const;

 private:
  Attention attention_;
  Norm attention_norm_;
  FeedForward feed_forward_;
  Norm feed_forward_norm_;
};

class Encoder : public nn::Module {
 public:
  explicit Encoder(const Config& config);
  const Config& config() const { return config_; }

  /// ids_BS int64 in [0, vocab_size), mask_BS 1 for tokens that may be seen and 0 for padding -> states [B,
  /// S, D] in the model's dtype (float32 in a float16 model). States at padding are computed too, and
  /// mean nothing: diffusers' Wan pipeline sets them to zero. Throws Error(kInput) for ids outside the
  /// vocabulary.
  at::Tensor forward(const at::Tensor& ids_BS, const at::Tensor& mask_BS) const;

 private:
  Config config_;
  at::Tensor shared_;  // [vocab_size, D]
  nn::ModuleList<Block> blocks_;
  Norm final_layer_norm_;
};

/// Bucket of each distance, [S, S] int64 of (query, key). Exposed for tests.
at::Tensor relative_position_buckets(int64_t length, int64_t num_buckets, int64_t max_distance,
                                     at::Device device);

/// Fills `encoder` strictly, with the tolerance that such checkpoints need: the embedding as "shared.weight",
/// as "encoder.embed_tokens.weight", or both (the first counts); "decoder.*" and "lm_head.weight" of a whole
/// UMT5 are ignored. As transformers does, "wo" stays float32 when the model is float16 (not bfloat16).
void load(Encoder& encoder, const Checkpoint& checkpoint, const nn::LoadOptions& options);

}  // namespace drf::umt5
