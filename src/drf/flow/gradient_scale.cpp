#include "drf/flow/gradient_scale.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/base/log.h"
#include "drf/tensor/precision.h"

namespace drf::flow {
namespace {

// 256 leaves float16 eight bits for gradients that grow on their way and more than twenty for those that
// shrink: attention's are divided by the number of tokens.
constexpr int kTarget = 8, kBackOff = 6, kTries = 4;

// The ends of what there is, on the device: NaN passes through min and max, and neither takes memory.
std::vector<at::Tensor> ends_of(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> ends;
  for (const at::Tensor& t : tensors) {
    if (!t.defined() || t.numel() == 0) continue;
    for (const at::Tensor& end : {t.min(), t.max()}) ends.push_back(end.to(at_least_float(t.scalar_type())));
  }
  return ends;
}

bool all_finite(const std::vector<at::Tensor>& tensors) {  // one look at the device
  std::vector<at::Tensor> ends = ends_of(tensors);
  for (at::Tensor& end : ends) end = end.isfinite().eq(0);
  return ends.empty() || !at::stack(ends).any().item<bool>();
}

}  // namespace

double gradient_scale(const std::vector<at::Tensor>& incoming) {
  double largest = 0;
  for (const at::Tensor& end : ends_of(incoming)) {
    const double own = std::abs(end.item<double>());
    if (!std::isfinite(own)) return 1;
    largest = std::max(largest, own);
  }
  if (largest == 0) return 1;
  int exponent = 0;
  std::frexp(largest, &exponent);
  return std::ldexp(1.0, std::clamp(kTarget - exponent, -100, 100));  // float32 holds it and its inverse
}

std::vector<at::Tensor> pull_scaled(const std::vector<at::Tensor>& incoming,
                                    const std::vector<at::Tensor>& values,
                                    const std::vector<LeafGradient*>& leaves,
                                    const std::function<std::vector<at::Tensor>(double scale)>& backward) {
  double scale = gradient_scale(incoming);
  const bool sound = all_finite(incoming) && all_finite(values);
  std::vector<at::Tensor> results, gradients;
  for (int attempt = 1;; ++attempt) {
    results = backward(scale);
    gradients.clear();
    for (LeafGradient* leaf : leaves) {
      gradients.push_back(leaf->leaf.grad());
      leaf->leaf.mutable_grad() = at::Tensor();
    }
    if (!sound || (all_finite(results) && all_finite(gradients))) break;
    if (attempt == kTries) {
      log_warning("flow", "a backward gives numbers that are not finite, whether its gradient is scaled by ",
                  gradient_scale(incoming), " or by ", scale,
                  ": use bfloat16 or float32 (generator.dtype, critic.dtype)");
      break;
    }
    scale = std::ldexp(scale, -kBackOff);
  }
  const double back = 1 / scale;
  for (size_t i = 0; i < leaves.size(); ++i) {
    if (!gradients[i].defined()) continue;
    const at::Tensor own = upcast(gradients[i]) * back;
    at::Tensor& sum = leaves[i]->sum;
    sum = sum.defined() ? sum + own : own;
    gradients[i] = at::Tensor();
  }
  const at::NoGradGuard no_graph;
  for (at::Tensor& result : results)  // ours alone: it may be as large as a clip
    if (result.defined()) result = upcast(result).mul_(back);
  return results;
}

}  // namespace drf::flow
