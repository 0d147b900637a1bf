#include "drf/rewards/residual_guidance.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

namespace drf::rewards {
namespace {

// d sum_b ||r_b / s|| / d leaf, where the score sees `latents`, made of `leaf`.
at::Tensor norm_gradient(const ResidualScore& score, const at::Tensor& latents, const at::Tensor& leaf) {
  const int64_t places = latents[0].numel() / latents.size(1);
  const at::Tensor norm = (-score.score(latents).reward_B * static_cast<double>(places)).sqrt().sum();
  return torch::autograd::grad({norm}, {leaf})[0];
}

}  // namespace

at::Tensor sample_guided(const at::Tensor& noise_BC1HW, const std::vector<float>& sigmas,
                         const VelocityAt& velocity, const ResidualScore& score,
                         const ResidualGuidance& guidance) {
  const size_t N = sigmas.size() - 1;
  const bool guided = guidance.strength != 0;
  at::Tensor x = noise_BC1HW.detach();
  for (size_t k = 0; k < N; ++k) {
    const bool here = guided && static_cast<double>(k) > guidance.from * static_cast<double>(N);
    const at::AutoGradMode graph(here);
    const at::Tensor leaf = x.detach().set_requires_grad(here);
    const at::Tensor v = velocity(leaf, k);
    x = leaf.detach() + (sigmas[k + 1] - sigmas[k]) * v.detach();
    if (here) x = x - guidance.strength * norm_gradient(score, leaf - sigmas[k] * v, leaf);
  }
  for (int64_t i = 0; guided && i < guidance.corrections; ++i) {
    const at::AutoGradMode graph(true);
    const at::Tensor leaf = x.detach().set_requires_grad(true);
    x = leaf.detach() - guidance.strength * norm_gradient(score, leaf, leaf);
  }
  return x.detach();
}

}  // namespace drf::rewards
