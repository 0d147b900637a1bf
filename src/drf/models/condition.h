#pragma once
// What a network is told beside its state and time.

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "drf/models/flops.h"

namespace drf::models {

/// Named tensors, one row a sample; some may be undefined. What an encoder makes of a prompt
/// ("text" [1, S, E], "pooled" [1, E]), and what a network makes of that once a rollout: the names and
/// tensors are the network's own.
struct Condition {
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  Flops flops{};  ///< what a network computed to make them of another condition

  /// Undefined if there is none of that name.
  at::Tensor get(const std::string& name) const {
    for (const auto& [own, tensor] : tensors)
      if (own == name) return tensor;
    return {};
  }
};

}  // namespace drf::models
