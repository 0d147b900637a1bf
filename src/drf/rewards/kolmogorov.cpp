#include "drf/rewards/kolmogorov.h"

#include <ATen/ATen.h>

#include <cmath>

#include "drf/base/error.h"

namespace drf::rewards {
namespace {

constexpr double kReynolds = 1000, kDrag = 0.1, kForce = 4;

// One axis of n points on a period of 2 pi.
struct Axis {
  int64_t n;
  at::Tensor cos_NN, sin_NN;  // of 2 pi i j / n; symmetric
  at::Tensor k_N;             // 0, 1, ..., -2, -1
  at::Tensor odd_N;           // k, 0 at the Nyquist mode: a first derivative is i times this
  at::Tensor kept_N;          // 1 where 3 |k| < n, else 0

  Axis(int64_t points, const at::TensorOptions& wide) : n(points) {
    const at::Tensor i = at::arange(n, wide);
    // Whole turns are taken off before the angle is formed: i j grows to n^2.
    const at::Tensor angle =
        at::remainder(at::outer(i, i), static_cast<double>(n)) * (2 * M_PI / static_cast<double>(n));
    cos_NN = angle.cos();
    sin_NN = angle.sin();
    k_N = i - (2 * i >= n).to(wide.dtype()) * static_cast<double>(n);
    odd_N = k_N * (2 * k_N.abs() < n).to(wide.dtype());
    kept_N = (3 * k_N.abs() < n).to(wide.dtype());
  }
};

struct Spectrum {
  at::Tensor real, imaginary;
  Spectrum operator*(const at::Tensor& factor) const { return {real * factor, imaginary * factor}; }
};

class Plane {
 public:
  Plane(int64_t rows, int64_t columns, const at::TensorOptions& wide) : x_(rows, wide), y_(columns, wide) {
    square = x_.k_N.square().unsqueeze(1) + y_.k_N.square();
    const at::Tensor is_mean = (square == 0).to(wide.dtype());
    per_square = (1 - is_mean) / (square + is_mean);
    kept = x_.kept_N.unsqueeze(1) * y_.kept_N;
  }

  Spectrum transform(const at::Tensor& field) const {
    return {both(x_.cos_NN, field, y_.cos_NN) - both(x_.sin_NN, field, y_.sin_NN),
            -both(x_.sin_NN, field, y_.cos_NN) - both(x_.cos_NN, field, y_.sin_NN)};
  }

  // The real part of the inverse transform.
  at::Tensor field(const Spectrum& s) const {
    const at::Tensor sum = both(x_.cos_NN, s.real, y_.cos_NN) - both(x_.sin_NN, s.real, y_.sin_NN) -
                           both(x_.sin_NN, s.imaginary, y_.cos_NN) - both(x_.cos_NN, s.imaginary, y_.sin_NN);
    return sum / static_cast<double>(x_.n * y_.n);
  }

  at::Tensor d_x(const Spectrum& s) const { return field(times_i(s) * x_.odd_N.unsqueeze(1)); }
  at::Tensor d_y(const Spectrum& s) const { return field(times_i(s) * y_.odd_N); }

  at::Tensor square, per_square, kept;  // k^2 + l^2; its inverse, 0 for the mean; the 2/3 rule. [H, W]

 private:
  static Spectrum times_i(const Spectrum& s) { return {-s.imaginary, s.real}; }
  static at::Tensor both(const at::Tensor& left, const at::Tensor& field, const at::Tensor& right) {
    return at::matmul(at::matmul(left, field), right);
  }
  Axis x_, y_;
};

}  // namespace

at::Tensor kolmogorov_residual(const at::Tensor& w_B3HW, double d) {
  if (!(d > 0))
    fail(ErrorKind::kConfig, "time_spacing is ", d, ", must be above 0 for the equation kolmogorov");
  const int64_t W = w_B3HW.size(3);
  const Plane plane(w_B3HW.size(2), W, w_B3HW.options());
  const at::Tensor w = w_B3HW.select(1, 1);
  const Spectrum whole = plane.transform(w);
  const Spectrum inner = whole * plane.kept, psi = inner * plane.per_square;

  const at::Tensor product = plane.d_y(psi) * plane.d_x(inner) - plane.d_x(psi) * plane.d_y(inner);
  const at::Tensor advection = plane.field(plane.transform(product) * plane.kept);
  const at::Tensor minus_laplacian = plane.field(whole * plane.square);
  const at::Tensor w_t = (w_B3HW.select(1, 2) - w_B3HW.select(1, 0)) / (2 * d);
  const at::Tensor force = kForce * at::cos(at::arange(W, w.options()) * (8 * M_PI / static_cast<double>(W)));
  return w_t + advection + minus_laplacian / kReynolds + kDrag * w + force;
}

}  // namespace drf::rewards
