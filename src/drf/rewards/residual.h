#pragma once
// How far a field is from solving its equation, as pure differentiable functions: the residuals r of five
// equations, whose mean square a reward lowers (PIRF). Equal to tools/fields/residuals.py; second order on
// exact solutions (tests/gradient/residual_test.cpp). Sizes, edges and the solvers of data:
// tools/fields/laws.py.
//
// Poisson, Helmholtz, Darcy live on the inner points of the unit square, x_i = i h, h = 1 / (n + 1) along
// each axis, and are zero beyond them. Unlike PIRF's code, no edge is replicated and none is left out: there
// the exact solution itself would score badly.
//
// Shape letters: B clips, C channels, H W rows and columns.

#include <ATen/core/Tensor.h>

#include "drf/models/fields/equation.h"

namespace drf::rewards {

/// r at every place where the equation holds, [B, H', W'], in float64 whatever q's type: differences of
/// neighbours are divided by h^2, and float32 would put its own rounding above the data's. Fields are small.
///
/// q_BCHW: channels of fields::channels_of(equation), in physical units, any float type.
///   poisson     L u - f                          L u = (four neighbours - 4 u) / h^2
///   helmholtz   L u + k^2 u - f, k = 1
///   darcy       -div F - 1, F = a u'; a = exp(log_a), at a face the mean of its two cells, at the edge the
///               cell's own
///   burgers     (u^{j+1} - u^{j-1}) / 2 dt + (u_{i+1}^2 - u_{i-1}^2) / 4 dx - .01 (u_{i+1} - 2 u_i +
///   u_{i-1}) / dx^2;
///               rows are time, dt = 1 / (H - 1), columns x, periodic, dx = 1 / W; rows 1 .. H - 2 alone
///   kolmogorov  (w3 - w1) / 2 d + U w_x + V w_y - Laplace w / 1000 + .1 w + 4 cos 4 y at w2, on (0, 2 pi)^2,
///   periodic, y
///               the last axis; derivatives by Fourier, the product under the 2/3 rule; d = time_spacing
/// Throws Error(kConfig) if q has other channels or is too small for the equation.
at::Tensor residual(fields::Equation equation, const at::Tensor& q_BCHW, double time_spacing = 0);

/// u = L^-1 f of a linear equation by sine transforms, [B, H, W] float64; u's own channel is not read. Throws
/// Error(kConfig) for the others.
at::Tensor solution(fields::Equation equation, const at::Tensor& q_BCHW);

/// Whether solution() takes the equation.
bool is_linear(fields::Equation equation);

}  // namespace drf::rewards
