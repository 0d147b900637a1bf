#pragma once
// The global gradient norm, and clipping by it.

#include <ATen/core/Tensor.h>

#include <vector>

namespace drf::train {

/// The L2 norm over the gradients of all `parameters` (absent ones count nothing), accumulated in double.
/// With max_norm > 0 and a finite norm, all gradients are scaled in place by max_norm / (norm + 1e-6) where
/// that is below 1, as torch.nn.utils.clip_grad_norm_ does. Returns the norm before clipping: NaN or infinite
/// if any gradient is, and nothing is scaled.
double clip_grad_norm(const std::vector<at::Tensor>& parameters, double max_norm);

}  // namespace drf::train
