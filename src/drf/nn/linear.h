#pragma once
// y = x W^T + b, with an optional low-rank adapter: y += (alpha / rank) B A x. Source: LoRA, arXiv
// 2106.09685; names and scaling as in PEFT.

#include <ATen/core/Tensor.h>

#include <string>

#include "drf/nn/module.h"

namespace drf::nn {

class Linear : public Module {
 public:
  /// Registers "weight" [out, in] and, with `bias`, "bias" [out].
  Linear(int64_t in_features, int64_t out_features, bool bias = true,
         Precision precision = Precision::kModel);

  /// x [..., in] of the weight's dtype -> [..., out] of it. With an adapter, layer and adapter are one
  /// operation (ops/low_rank_linear.h) and the weight is frozen: in half models the adapter's products run in
  /// the model's type, while A and B and their gradients are float32.
  at::Tensor forward(const at::Tensor& x) const;

  /// Adds an adapter: A [rank, in], B [out, rank], float32 or wider leaves. scale = alpha / rank.
  void set_lora(at::Tensor lora_A, at::Tensor lora_B, double scale);
  void remove_lora();
  bool has_lora() const { return lora_A_.defined(); }
  /// The adapter's slots (trainable_set.h): while they are empty, this is the layer alone.
  at::Tensor& lora_A() { return lora_A_; }
  at::Tensor& lora_B() { return lora_B_; }
  double lora_scale() const { return lora_scale_; }

  const at::Tensor& weight() const { return weight_; }
  const at::Tensor& bias() const { return bias_; }

 private:
  at::Tensor weight_, bias_;
  at::Tensor lora_A_, lora_B_;
  double lora_scale_ = 0;
};

}  // namespace drf::nn
