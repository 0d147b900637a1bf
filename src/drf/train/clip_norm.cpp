#include "drf/train/clip_norm.h"

#include <ATen/ATen.h>

#include <cmath>

namespace drf::train {

double clip_grad_norm(const std::vector<at::Tensor>& parameters, double max_norm) {
  const at::NoGradGuard no_graph;
  std::vector<at::Tensor> gradients, norms;
  for (const at::Tensor& p : parameters) {
    if (!p.grad().defined()) continue;
    gradients.push_back(p.grad());
    // double: the squares of large float32 values would overflow
    norms.push_back(at::linalg_vector_norm(p.grad(), 2, {}, /*keepdim=*/false, at::kDouble));
  }
  if (gradients.empty()) return 0;
  const double norm = at::linalg_vector_norm(at::stack(norms), 2).item<double>();
  const double scale = max_norm / (norm + 1e-6);
  if (max_norm > 0 && std::isfinite(norm) && scale < 1) at::_foreach_mul_(gradients, scale);
  return norm;
}

}  // namespace drf::train
