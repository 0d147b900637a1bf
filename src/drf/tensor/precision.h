#pragma once
// The dtype policy in two words (docs/numerics.md): statistics, angles, logits and rewards are float32 or
// wider.

#include <ATen/core/Tensor.h>

namespace drf {

/// float32 or wider: float64 stays float64, everything narrower becomes float32. The references cast to
/// float32 here; keeping float64 lets a whole gradient be checked to 1e-9.
inline at::ScalarType at_least_float(at::ScalarType dtype) {
  return dtype == at::kDouble ? at::kDouble : at::kFloat;
}
inline at::Tensor upcast(const at::Tensor& x) { return x.to(at_least_float(x.scalar_type())); }

}  // namespace drf
