#include "drf/rewards/kolmogorov.h"

#include <ATen/ATen.h>

#include <cmath>

#include "drf/base/error.h"

namespace drf::rewards {
namespace {

constexpr double kReynolds = 1000, kDrag = 0.1, kForce = 4;

// One axis of n points on a period of 2 pi.
struct Axis {
  at::Tensor forward_NN, back_NN;  // complex: spectrum = forward x, x = back spectrum; forward is symmetric
  at::Tensor k_N;                  // 0, 1, ..., -2, -1
  at::Tensor odd_N;                // k, 0 at the Nyquist mode: the factor of i in a first derivative
  at::Tensor kept_N;               // 1 where 3 |k| < n, else 0

  Axis(int64_t n, const at::TensorOptions& wide) {
    const at::Tensor i = at::arange(n, wide);
    // Whole turns are taken off before the angle is formed: i j grows to n^2.
    const at::Tensor angle =
        at::remainder(at::outer(i, i), static_cast<double>(n)) * (2 * M_PI / static_cast<double>(n));
    forward_NN = at::complex(angle.cos(), -angle.sin());
    back_NN = at::complex(angle.cos(), angle.sin()) / static_cast<double>(n);
    k_N = at::where(2 * i < n, i, i - n);
    odd_N = at::where(2 * i == n, at::zeros_like(i), k_N);
    kept_N = (3 * k_N.abs() < n).to(wide.dtype());
  }
};

}  // namespace

at::Tensor kolmogorov_residual(const at::Tensor& w_B3HW, double d) {
  if (!(d > 0))
    fail(ErrorKind::kConfig, "time_spacing is ", d, ", must be above 0 for the equation kolmogorov");
  const Axis x(w_B3HW.size(2), w_B3HW.options()), y(w_B3HW.size(3), w_B3HW.options());
  const auto spectrum = [&](const at::Tensor& field) {
    return at::matmul(at::matmul(x.forward_NN, at::complex(field, at::zeros_like(field))), y.forward_NN);
  };
  const auto field = [&](const at::Tensor& hat) {
    return at::real(at::matmul(at::matmul(x.back_NN, hat), y.back_NN));
  };
  const auto times_i = [](const at::Tensor& factor) { return at::complex(at::zeros_like(factor), factor); };

  const at::Tensor w = w_B3HW.select(1, 1);
  const at::Tensor w_hat = spectrum(w);
  const at::Tensor square = x.k_N.square().unsqueeze(1) + y.k_N.square();
  // The mean of w moves nothing: psi's is 0.
  const at::Tensor per_square = at::where(square > 0, square.reciprocal(), at::zeros_like(square));
  const at::Tensor kept = x.kept_N.unsqueeze(1) * y.kept_N;
  const at::Tensor d_x = times_i(x.odd_N.unsqueeze(1).expand_as(square)),
                   d_y = times_i(y.odd_N.unsqueeze(0).expand_as(square));

  const at::Tensor inner_hat = w_hat * kept, psi_hat = inner_hat * per_square;
  const at::Tensor advection =
      field(d_y * psi_hat) * field(d_x * inner_hat) - field(d_x * psi_hat) * field(d_y * inner_hat);
  const at::Tensor w_t = (w_B3HW.select(1, 2) - w_B3HW.select(1, 0)) / (2 * d);
  const at::Tensor force =
      kForce * at::cos(at::arange(w.size(2), w.options()) * (8 * M_PI / static_cast<double>(w.size(2))));
  return w_t + field(spectrum(advection) * kept) + field(w_hat * square) / kReynolds + kDrag * w + force;
}

}  // namespace drf::rewards
