#include "drf/ops/separable_resize.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/tensor/precision.h"

namespace drf::ops {
namespace {

/// Keys' cubic with a = -0.5; zero from 2 on.
double cubic(double x) {
  constexpr double a = -0.5;
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

}  // namespace

at::Tensor bicubic_weights(int64_t in, int64_t out) {
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double stretch = std::max(scale, 1.0);
  const double support = 2 * stretch;
  const at::Tensor weights = at::zeros({out, in}, at::kDouble);
  auto rows = weights.accessor<double, 2>();
  for (int64_t i = 0; i < out; ++i) {
    const double center = scale * (static_cast<double>(i) + 0.5);
    const int64_t begin = std::max<int64_t>(static_cast<int64_t>(center - support + 0.5), 0);
    const int64_t end = std::min<int64_t>(static_cast<int64_t>(center + support + 0.5), in);
    double sum = 0;
    for (int64_t j = begin; j < end; ++j) {
      sum += rows[i][j] = cubic((static_cast<double>(j) - center + 0.5) / stretch);
    }
    for (int64_t j = begin; j < end; ++j) rows[i][j] /= sum;
  }
  return weights;
}

at::Tensor resize_bicubic(const at::Tensor& x, int64_t height, int64_t width) {
  const int64_t old_height = x.size(-2), old_width = x.size(-1);
  if (height == old_height && width == old_width) return x;
  at::Tensor y = upcast(x);
  if (width != old_width) y = at::matmul(y, bicubic_weights(old_width, width).to(y.options()).t());
  if (height != old_height) y = at::matmul(bicubic_weights(old_height, height).to(y.options()), y);
  return y.to(x.scalar_type());
}

}  // namespace drf::ops
