#include "drf/models/clip/encoder.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"

namespace drf::clip {

Attention::Attention(const TowerConfig& c)
    : num_heads_(c.num_heads),
      k_proj_(c.hidden_size, c.hidden_size),
      v_proj_(c.hidden_size, c.hidden_size),
      q_proj_(c.hidden_size, c.hidden_size),
      out_proj_(c.hidden_size, c.hidden_size) {
  register_module("k_proj", k_proj_);
  register_module("v_proj", v_proj_);
  register_module("q_proj", q_proj_);
  register_module("out_proj", out_proj_);
}

at::Tensor Attention::forward(const at::Tensor& x_BLD, bool causal) const {
  const auto heads = [&](const nn::Linear& projection) {  // [B, heads, L, D / heads]
    return projection.forward(x_BLD).unflatten(-1, {num_heads_, -1}).transpose(1, 2);
  };
  // Scores are divided by sqrt(D / heads), the default here.
  const at::Tensor mixed =
      at::scaled_dot_product_attention(heads(q_proj_), heads(k_proj_), heads(v_proj_), {}, 0.0, causal);
  return out_proj_.forward(mixed.transpose(1, 2).flatten(-2));
}

Mlp::Mlp(const TowerConfig& c)
    : activation_(c.activation),
      fc1_(c.hidden_size, c.intermediate_size),
      fc2_(c.intermediate_size, c.hidden_size) {
  register_module("fc1", fc1_);
  register_module("fc2", fc2_);
}

at::Tensor Mlp::forward(const at::Tensor& x) const {
  const at::Tensor inner = fc1_.forward(x);
  return fc2_.forward(activation_ == Activation::kGelu ? at::gelu(inner)
                                                       : inner * at::sigmoid(1.702 * inner));
}

Block::Block(const TowerConfig& c)
    : self_attn_(c), layer_norm1_(c.hidden_size, c.eps), layer_norm2_(c.hidden_size, c.eps), mlp_(c) {
  register_module("self_attn", self_attn_);
  register_module("layer_norm1", layer_norm1_);
  register_module("mlp", mlp_);
  register_module("layer_norm2", layer_norm2_);
}

at::Tensor Block::forward(const at::Tensor& x_BLD, bool causal) const {
  const at::Tensor h = x_BLD + self_attn_.forward(layer_norm1_.forward(x_BLD), causal);
  return h + mlp_.forward(layer_norm2_.forward(h));
}

Encoder::Encoder(const TowerConfig& c) {
  for (int64_t i = 0; i < c.num_layers; ++i) {
    layers_.push_back(std::make_unique<Block>(c));
    register_module(concat("layers.", i), *layers_.back());
  }
}

at::Tensor Encoder::forward(at::Tensor x_BLD, bool causal, const nn::BlockRunner& run) const {
  for (const auto& layer : layers_) {
    x_BLD = run(*layer, {x_BLD},
                [&block = *layer, causal](const auto& in) { return block.forward(in[0], causal); });
  }
  return x_BLD;
}

}  // namespace drf::clip
