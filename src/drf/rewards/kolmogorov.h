#pragma once
// The residual of Kolmogorov's flow in vorticity form on (0, 2 pi)^2, periodic:
//   w_t + U w_x + V w_y = Laplace w / 1000 - .1 w - 4 cos 4 y,   (U, V) = (psi_y, -psi_x), -Laplace psi = w.
// Fourier transforms are products with cosines and sines: any size, any device, and they have a form on the
// meta device, which libtorch's own transforms and its complex numbers have not.

#include <ATen/core/Tensor.h>

namespace drf::rewards {

/// w_B3HW in float64: the vorticity at t - d, t, t + d; x the rows, y the columns. Returns r_BHW at t. The
/// factors of the product and the product itself keep modes below 2/3 of the highest; odd derivatives have no
/// Nyquist mode. Throws Error(kConfig) unless d is above 0.
at::Tensor kolmogorov_residual(const at::Tensor& w_B3HW, double d);

}  // namespace drf::rewards
