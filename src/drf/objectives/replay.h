#pragma once
// The steps that carry gradient once more, from any state and with other values of what is trained; no graph.
// Finite differences are taken of this.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/diffusion/step_policy.h"
#include "drf/flow/batch.h"
#include "drf/flow/parts.h"

namespace drf::objectives {

/// What an approximation of the gradient holds constant, one entry a move.
struct Held {
  std::vector<at::Tensor> states;  ///< velocities see these, but for the share of the way that is nested
  /// Guided minus conditional velocity, where guidance gives its gradient to the conditional branch alone:
  /// the guided velocity is then the conditional one plus this.
  std::vector<at::Tensor> rest;
};

class Replay {
 public:
  /// All of it must outlive this. `nested`: as DirectBackpropOptions.
  Replay(const flow::Parts& parts, const diffusion::StepPolicy& policy, double nested)
      : parts_(parts), policy_(policy), nested_(nested) {}

  /// x_0 from x_K, the first state that trains at the batch's update. Moves that train take `values` (one a
  /// slot of what is trained; empty: as they stand), the others what stands. With `held`, what the
  /// approximation is the exact gradient of; else what it approximates.
  at::Tensor clip(const flow::Batch& batch, const at::Tensor& x_K, const std::vector<at::Tensor>& values = {},
                  const Held* held = nullptr) const {
    return walk(batch, x_K, values, held, nullptr);
  }
  /// What it holds along the walk from x_K.
  Held held_from(const flow::Batch& batch, const at::Tensor& x_K) const;

 private:
  at::Tensor walk(const flow::Batch& batch, at::Tensor x, const std::vector<at::Tensor>& values,
                  const Held* held, Held* seen) const;

  const flow::Parts& parts_;
  const diffusion::StepPolicy& policy_;
  double nested_;
};

}  // namespace drf::objectives
