#pragma once
// Low-rank adapters on the linear layers of a model (arXiv 2106.09685), chosen and named as PEFT does. The
// adapters live in nn::Linear; everything here finds them by walking the model.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "drf/nn/linear.h"
#include "drf/nn/module.h"
#include "drf/nn/trainable_set.h"

namespace drf::nn {

/// A linear layer and its dotted path in the model: "blocks.0.attn1.to_q".
struct NamedLinear {
  std::string path;
  Linear* linear;
};

/// All linear layers of a (loaded) model, or those that carry an adapter, in the model's order.
std::vector<NamedLinear> linears_of(Module& model);
std::vector<NamedLinear> adapters_of(Module& model);

struct LoraSpec {
  int64_t rank = 32;
  double alpha = 32;  ///< output scale times rank
  /// A layer is chosen if its path is a target or ends with "." and a target.
  std::vector<std::string> targets;
};

/// The layers that `targets` choose, in the model's order. Throws Error(kConfig) for a target that matches no
/// layer, naming near ones.
std::vector<NamedLinear> targeted(Module& model, const std::vector<std::string>& targets);

/// Gives every chosen layer a fresh adapter, replacing older ones anywhere in the model: A uniform in
/// +-1/sqrt(in), which is PEFT's kaiming_uniform(a = sqrt(5)), B zero, so that the model's output does not
/// change. A's numbers depend on `seed` and the layer's path only. Adapters are leaves with gradient on the
/// weight's device, float64 for a float64 layer, else float32. Returns the layers. Throws Error(kConfig) for
/// a target that matches no layer, naming near ones, and for a rank below 1.
std::vector<NamedLinear> attach_lora(Module& model, const LoraSpec& spec, uint64_t seed);

/// Removes every adapter.
void detach_lora(Module& model);

/// What every adapter adds is multiplied by `factor`: diffusers' and ComfyUI's strength of a LoRA. Files of
/// such adapters would say another alpha.
void scale_lora(Module& model, double factor);

/// Sum over the model's adapters of ||(alpha / rank) B A||^2, Frobenius: how far they have moved its weights.
double squared_adapters(Module& model);
/// The same. Adds `weight` times its gradient to .grad of those that have one; what an update does not reach
/// stays.
double pull_adapters(Module& model, double weight);

/// The adapters become trainable, under lora_parameters' names and in its order; the reference is the model
/// without them.
void add_lora(TrainableSet& set, Module& model, const std::string& prefix = "transformer");

/// The adapters' tensors under PEFT's names, PREFIX + "." + path + ".lora_A.weight" [rank, in] and
/// ".lora_B.weight" [out, rank], A before B, in the model's order. The tensors are the adapters themselves,
/// not copies.
std::vector<std::pair<std::string, at::Tensor>> lora_parameters(Module& model,
                                                                const std::string& prefix = "transformer");

}  // namespace drf::nn
