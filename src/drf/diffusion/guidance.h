#pragma once
// Classifier-free guidance: v = v_uncond + w (v_cond - v_uncond). w = 1 needs no unconditional branch.

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <string>

namespace drf::diffusion {

/// Which branches carry gradient: both, or the conditional one alone (the other runs without a graph).
enum class GuidanceGradient { kBoth, kConditional };

/// "both" or "cond". Throws Error(kConfig) otherwise.
GuidanceGradient parse_guidance_gradient(const std::string& name);

/// The two branches, combined.
inline at::Tensor guided(const at::Tensor& conditional, const at::Tensor& unconditional, double scale) {
  return unconditional + scale * (conditional - unconditional);
}

}  // namespace drf::diffusion
