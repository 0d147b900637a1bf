#pragma once
// The pre-norm transformer that both towers of CLIP are: x += attention(norm1(x)), x += mlp(norm2(x)).
// Equals transformers' CLIPEncoder.
//
// Shape letters: B batch, L tokens, D width.

#include <ATen/core/Tensor.h>

#include "drf/models/clip/config.h"
#include "drf/nn/block_runner.h"
#include "drf/nn/linear.h"
#include "drf/nn/module.h"
#include "drf/nn/norm.h"

namespace drf::clip {

class Attention : public nn::Module {
 public:
  explicit Attention(const TowerConfig& config);
  /// `causal`: a token sees itself and those before it, else all.
  at::Tensor forward(const at::Tensor& x_BLD, bool causal) const;

 private:
  int64_t num_heads_;
  nn::Linear k_proj_, v_proj_, q_proj_, out_proj_;
};

class Mlp : public nn::Module {
 public:
  explicit Mlp(const TowerConfig& config);
  at::Tensor forward(const at::Tensor& x) const;

 private:
  Activation activation_;
  nn::Linear fc1_, fc2_;
};

class Block : public nn::Module {
 public:
  explicit Block(const TowerConfig& config);
  at::Tensor forward(const at::Tensor& x_BLD, bool causal) const;

 private:
  Attention self_attn_;
  nn::LayerNorm layer_norm1_, layer_norm2_;
  Mlp mlp_;
};

class Encoder : public nn::Module {
 public:
  explicit Encoder(const TowerConfig& config);
  at::Tensor forward(at::Tensor x_BLD, bool causal, const nn::BlockRunner& run) const;

 private:
  nn::ModuleList<Block> layers_;
};

}  // namespace drf::clip
