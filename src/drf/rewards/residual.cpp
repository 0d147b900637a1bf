#include "drf/rewards/residual.h"

#include <ATen/ATen.h>

#include <cmath>

#include "drf/base/error.h"
#include "drf/rewards/kolmogorov.h"

namespace drf::rewards {
namespace {

using fields::Equation;

constexpr double kHelmholtzK = 1.0, kBurgersViscosity = 0.01;

// Along `axis` of [B, H, W]: 1 / h of a grid of inner points.
double per_h(const at::Tensor& u, int64_t axis) { return static_cast<double>(u.size(axis) + 1); }

at::Tensor pad_zero(const at::Tensor& u, int64_t axis) {
  const at::Tensor zero = at::zeros_like(u.narrow(axis, 0, 1));
  return at::cat({zero, u, zero}, axis);
}

// Of neighbours along `axis`, one fewer than given.
at::Tensor difference(const at::Tensor& u, int64_t axis) {
  const int64_t n = u.size(axis) - 1;
  return u.narrow(axis, 1, n) - u.narrow(axis, 0, n);
}

at::Tensor laplacian(const at::Tensor& u_BHW) {
  at::Tensor sum;
  for (const int64_t axis : {1, 2}) {
    const at::Tensor second =
        difference(difference(pad_zero(u_BHW, axis), axis), axis) * (per_h(u_BHW, axis) * per_h(u_BHW, axis));
    sum = sum.defined() ? sum + second : second;
  }
  return sum;
}

at::Tensor divergence(const at::Tensor& a_BHW, const at::Tensor& u_BHW) {
  at::Tensor sum;
  for (const int64_t axis : {1, 2}) {
    const int64_t n = u_BHW.size(axis);
    const at::Tensor cells = at::cat({a_BHW.narrow(axis, 0, 1), a_BHW, a_BHW.narrow(axis, n - 1, 1)}, axis);
    const at::Tensor face = (cells.narrow(axis, 0, n + 1) + cells.narrow(axis, 1, n + 1)) / 2;
    const at::Tensor flux = face * difference(pad_zero(u_BHW, axis), axis) * per_h(u_BHW, axis);
    const at::Tensor part = difference(flux, axis) * per_h(u_BHW, axis);
    sum = sum.defined() ? sum + part : part;
  }
  return sum;
}

at::Tensor burgers(const at::Tensor& u_BTX) {
  const int64_t T = u_BTX.size(1);
  const double dt = 1.0 / static_cast<double>(T - 1), dx = 1.0 / static_cast<double>(u_BTX.size(2));
  const at::Tensor now = u_BTX.narrow(1, 1, T - 2);
  // Each column's neighbours on the circle. (at::roll has no form on the meta device.)
  const int64_t X = now.size(2);
  const at::Tensor right = at::cat({now.narrow(2, 1, X - 1), now.narrow(2, 0, 1)}, 2),
                   left = at::cat({now.narrow(2, X - 1, 1), now.narrow(2, 0, X - 1)}, 2);
  const at::Tensor u_t = (u_BTX.narrow(1, 2, T - 2) - u_BTX.narrow(1, 0, T - 2)) / (2 * dt);
  return u_t + (right.square() - left.square()) / (4 * dx) -
         kBurgersViscosity / (dx * dx) * (right - 2 * now + left);
}

void require(Equation equation, const at::Tensor& q_BCHW) {
  DRF_CHECK(q_BCHW.dim() == 4, "a field is [B, C, H, W]");
  const auto channels = static_cast<int64_t>(fields::channels_of(equation).size());
  if (q_BCHW.size(1) != channels) {
    fail(ErrorKind::kConfig, "the equation ", fields::name_of(equation), " has the channels ",
         fields::channels_of(equation), ", the generator gives ", q_BCHW.size(1),
         "; take the generator's own equation");
  }
  // Burgers has no equation on its first and last row; Kolmogorov's force is a wave of four periods.
  const int64_t least_rows = equation == Equation::kBurgers ? 3 : 1;
  const int64_t least_columns = equation == Equation::kKolmogorov ? 9
                                : equation == Equation::kBurgers  ? 3
                                                                  : 1;
  if (q_BCHW.size(2) < least_rows || q_BCHW.size(3) < least_columns) {
    fail(ErrorKind::kConfig, "a field of ", q_BCHW.size(3), "x", q_BCHW.size(2),
         " is too small for the equation ", fields::name_of(equation), ", which wants a width of ",
         least_columns, " and a height of ", least_rows, " at least");
  }
}

double helmholtz_k(Equation equation) { return equation == Equation::kHelmholtz ? kHelmholtzK : 0; }

struct SineBasis {
  at::Tensor basis_NN;       // symmetric, its own inverse
  at::Tensor eigenvalues_N;  // of the second difference
};

SineBasis sine_basis(int64_t n, const at::TensorOptions& wide) {
  const double h = 1.0 / static_cast<double>(n + 1);
  const at::Tensor i = at::arange(1, n + 1, wide);
  return {std::sqrt(2 * h) * at::sin(at::outer(i, i) * (M_PI * h)),
          -4 / (h * h) * at::sin(i * (M_PI * h / 2)).square()};
}

}  // namespace

at::Tensor residual(Equation equation, const at::Tensor& q_BCHW, double time_spacing) {
  require(equation, q_BCHW);
  const at::Tensor q = q_BCHW.to(at::kDouble);
  const auto channel = [&](int64_t c) { return q.select(1, c); };
  switch (equation) {
    case Equation::kPoisson:
    case Equation::kHelmholtz: {
      const at::Tensor r = laplacian(channel(1)) - channel(0);
      const double k = helmholtz_k(equation);
      return k == 0 ? r : r + k * k * channel(1);
    }
    case Equation::kDarcy:
      return -divergence(channel(0).exp(), channel(1)) - 1;
    case Equation::kBurgers:
      return burgers(channel(0));
    case Equation::kKolmogorov:
      return kolmogorov_residual(q, time_spacing);
  }
  DRF_CHECK(false, "an equation without a residual");
}

bool is_linear(Equation equation) {
  return equation == Equation::kPoisson || equation == Equation::kHelmholtz;
}

at::Tensor solution(Equation equation, const at::Tensor& q_BCHW) {
  require(equation, q_BCHW);
  if (!is_linear(equation)) {
    fail(ErrorKind::kConfig, "the equation ", fields::name_of(equation),
         " is not linear in one field: there is no solution to compare with");
  }
  const at::Tensor f = q_BCHW.select(1, 0).to(at::kDouble);
  const SineBasis rows = sine_basis(f.size(1), f.options()), columns = sine_basis(f.size(2), f.options());
  const double k = helmholtz_k(equation);
  const at::Tensor eigenvalues = rows.eigenvalues_N.unsqueeze(1) + columns.eigenvalues_N + k * k;
  const auto transform = [&](const at::Tensor& x) {
    return at::matmul(at::matmul(rows.basis_NN, x), columns.basis_NN);
  };
  return transform(transform(f) / eigenvalues);
}

}  // namespace drf::rewards
