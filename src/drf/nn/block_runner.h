#pragma once
// Runs the blocks of every model: plainly, or so that the backward runs each again instead of keeping its
// activations (ops/recompute.h).

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "drf/nn/trainable_set.h"

namespace drf::nn {

/// Whether a graph stands behind what a model gives.
enum class Graph { kNone, kKept };

class BlockRunner {
 public:
  using Call = std::function<at::Tensor(const std::vector<at::Tensor>& inputs)>;

  BlockRunner() = default;  ///< plainly
  /// With `recompute`, remembers what stands in `trained` now: a block that runs again in the backward, on
  /// any thread, finds that in its slots. `trained` must live as long as this and the graphs; null: nothing
  /// in the blocks is trained.
  BlockRunner(bool recompute, const TrainableSet* trained);

  /// call(inputs). `block` owns all weights and `inputs` holds all non-leaves that `call` reads. Values and
  /// gradients are the same bits either way; recomputed, the leaves in the slots gather theirs in .grad.
  at::Tensor operator()(Module& block, const std::vector<at::Tensor>& inputs, const Call& call) const;

 private:
  bool recompute_ = false;
  const TrainableSet* trained_ = nullptr;
  std::vector<at::Tensor> standing_;
};

}  // namespace drf::nn
