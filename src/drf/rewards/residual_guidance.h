#pragma once
// The baseline that trains nothing: a residual lowered while sampling, by its gradient through the network
// (DiffusionPDE as PIRF runs it), and after it on the sample itself (CoCoGen).

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "drf/rewards/residual_score.h"

namespace drf::rewards {

struct ResidualGuidance {
  double strength = 0;      ///< zeta: how far along the gradient of ||r / s||; 0 = plain Euler
  double from = 0.8;        ///< steps k > from x N are guided
  int64_t corrections = 0;  ///< further steps x_0 -= zeta d||r / s|| / dx_0 at the end
};

/// dx/dsigma of [B, C, 1, H, W] at step k, with the graph of x.
using VelocityAt = std::function<at::Tensor(const at::Tensor& x_BC1HW, size_t k)>;

/// Euler from `noise` over `sigmas` (N + 1 values, the last 0): x_{k+1} = x_k + (sigma_{k+1} - sigma_k) v_k,
/// at guided steps less zeta d||r(x_k - sigma_k v_k) / s|| / dx_k, the norm over one clip. Returns x_0
/// without a graph.
at::Tensor sample_guided(const at::Tensor& noise_BC1HW, const std::vector<float>& sigmas,
                         const VelocityAt& velocity, const ResidualScore& score,
                         const ResidualGuidance& guidance);

}  // namespace drf::rewards
