#pragma once
// A stage of the reward flow: a forward and its pull-back. The flow's chain rule is a walk over stages, never
// one graph.

#include <ATen/core/Tensor.h>

#include <functional>

namespace drf::flow {

/// What keeps a stage's activations between forward and pull.
enum class Recompute {
  kNone,   ///< the graph is kept: fastest, most memory
  kStage,  ///< forward runs without a graph; pull runs the stage again
  /// As kStage, and inside a step each transformer block is recomputed once more. The decoder, which
  /// recomputes by itself, keeps its graph.
  kBlock,
};

class Stage {
 public:
  using Function = std::function<at::Tensor(const at::Tensor& input)>;
  /// `function` must give the same result when run twice. Leaves it captures get their gradients in .grad.
  Stage(Function function, Recompute recompute) : function_(std::move(function)), recompute_(recompute) {}

  /// The value, without a graph.
  at::Tensor forward(const at::Tensor& input);
  /// From d objective / d value to d objective / d input; releases what was kept.
  at::Tensor pull(const at::Tensor& grad);

 private:
  at::Tensor run_with_graph();
  Function function_;
  Recompute recompute_;
  at::Tensor input_, kept_;
};

}  // namespace drf::flow
