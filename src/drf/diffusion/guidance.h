#pragma once
// Classifier-free guidance: v = v_uncond + w (v_cond - v_uncond). w = 1 needs no unconditional branch.

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>

namespace drf::diffusion {

/// Which branches carry gradient: both, or the conditional one alone (the other runs without a graph).
enum class GuidanceGradient { kBoth, kConditional };

/// "both" or "cond". Throws Error(kConfig) otherwise.
GuidanceGradient parse_guidance_gradient(const std::string& name);

/// velocity(text_states) is one transformer call. `unconditional` is only used when scale != 1.
at::Tensor guided_velocity(const std::function<at::Tensor(const at::Tensor& text)>& velocity,
                           const at::Tensor& text, const at::Tensor& unconditional, double scale,
                           GuidanceGradient gradient);

}  // namespace drf::diffusion
