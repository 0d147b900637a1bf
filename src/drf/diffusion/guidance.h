#pragma once
// Classifier-free guidance: v = v_uncond + w (v_cond - v_uncond). w = 1 needs no unconditional branch.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <string>

namespace drf::diffusion {

/// The gradient that stands for that of v. (A branch that is cut while the other keeps its factor w is
/// neither: it reverses the gradient along what the model denoises.)
enum class GuidanceGradient {
  kBoth,         ///< exact: w times the conditional branch's and 1 - w times the other's
  kConditional,  ///< the conditional branch's with weight 1, as of v.detach() + v_cond - v_cond.detach()
};

/// "both" or "cond". Throws Error(kConfig) otherwise.
GuidanceGradient parse_guidance_gradient(const std::string& name);

/// The two branches, combined.
inline at::Tensor guided(const at::Tensor& conditional, const at::Tensor& unconditional, double scale) {
  return unconditional + scale * (conditional - unconditional);
}

}  // namespace drf::diffusion
