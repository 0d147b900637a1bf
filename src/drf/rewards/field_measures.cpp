#include "drf/rewards/field_measures.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"
#include "drf/rewards/residual.h"

namespace drf::rewards {
namespace {

// Orthonormal: row k holds the mode k.
at::Tensor cosine_basis(int64_t n, const at::TensorOptions& wide) {
  const double N = static_cast<double>(n);
  const at::Tensor k = at::arange(n, wide), i = at::arange(n, wide);
  at::Tensor basis = std::sqrt(2 / N) * at::cos(at::outer(k, 2 * i + 1) * (M_PI / (2 * N)));
  basis.select(0, 0).fill_(std::sqrt(1 / N));
  return basis;
}

std::vector<double> to_vector(const at::Tensor& x) {
  const at::Tensor flat = x.to(at::kCPU, at::kDouble).contiguous();
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

}  // namespace

FieldStatistics field_statistics(const at::Tensor& q_NCHW) {
  DRF_CHECK(q_NCHW.dim() == 4 && q_NCHW.size(0) > 1, "a variance needs two samples");
  const at::NoGradGuard no_graph;
  const at::Tensor q = q_NCHW.to(at::kDouble);
  const int64_t H = q.size(2), W = q.size(3), rings = std::min(H, W) - 1;
  const at::Tensor k = at::arange(H, q.options()).unsqueeze(1), l = at::arange(W, q.options());
  const at::Tensor ring = ((k.square() + l.square()).sqrt() + 0.5).floor().to(at::kLong);
  const at::Tensor square =
      at::matmul(at::matmul(cosine_basis(H, q.options()), q), cosine_basis(W, q.options()).t())
          .square()
          .mean(0);
  FieldStatistics statistics{to_vector(q.var(0, /*unbiased=*/true).mean({1, 2})), {}};
  for (int64_t c = 0; c < q.size(1); ++c) {
    std::vector<double> power;
    for (int64_t i = 1; i <= rings; ++i)
      power.push_back(square[c].masked_select(ring == i).mean().item<double>());
    statistics.power.push_back(std::move(power));
  }
  return statistics;
}

FieldComparison compare(const FieldStatistics& generated, const FieldStatistics& data) {
  FieldComparison result;
  const size_t channels = generated.variance.size();
  if (channels != data.variance.size()) {
    fail(ErrorKind::kConfig, "the fields have ", channels, " channels, the data they are compared with ",
         data.variance.size());
  }
  for (size_t c = 0; c < channels; ++c) {
    const auto &mine = generated.power[c], &theirs = data.power[c];
    if (mine.size() != theirs.size()) {
      fail(ErrorKind::kConfig, "the fields are ", mine.size() + 1,
           " points wide or high, the data they are compared with ", theirs.size() + 1,
           ": sample at the data's size");
    }
    double sum = 0;
    for (size_t ring = 0; ring < mine.size(); ++ring) sum += std::abs(std::log10(mine[ring] / theirs[ring]));
    result.spectrum.push_back(sum / static_cast<double>(mine.size()));
    result.spread.push_back(std::sqrt(generated.variance[c] / data.variance[c]));
  }
  return result;
}

double solve_error(fields::Equation equation, const at::Tensor& q_NCHW) {
  const at::NoGradGuard no_graph;
  const at::Tensor u = q_NCHW.select(1, 1).to(at::kDouble);
  return ((u - solution(equation, q_NCHW)).norm() / u.norm()).item<double>();
}

}  // namespace drf::rewards
