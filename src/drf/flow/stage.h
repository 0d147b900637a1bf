#pragma once
// A stage of a pass: a forward and its pull-back. The chain rule is a walk over stages, never one graph.

#include <ATen/core/Tensor.h>

#include <functional>
#include <optional>
#include <vector>

#include "drf/flow/gradient_scale.h"
#include "drf/flow/stage_clock.h"
#include "drf/nn/block_runner.h"

namespace drf::flow {

/// What keeps a stage's activations between forward and pull.
enum class Recompute {
  kNone,   ///< the graph is kept: fastest, most memory
  kStage,  ///< forward runs without a graph; pull runs the stage again
  /// As kStage, and inside a step each transformer block is recomputed once more. The decoder, which
  /// recomputes by itself, keeps its graph.
  kBlock,
};

/// How a pull passes half types: at a scale (gradient_scale.h).
struct HalfTypes {
  std::vector<LeafGradient*> leaves;  ///< whose gradients gather in their sums
  double steepness = 1;               ///< what reaches the half types is about so many times what comes in
};

class Stage {
 public:
  using Tensors = std::vector<at::Tensor>;
  /// From inputs to values, which may be undefined. Called with gradient mode set to the graph it asks for.
  using Function = std::function<Tensors(const Tensors& inputs, nn::Graph graph)>;

  /// `function` must give the same when run twice. Leaves that it captures get their gradients in .grad.
  /// `clock` (may be null) is told what is pulled, and must outlive this.
  Stage(Function function, Recompute recompute, StageClock* clock)
      : function_(std::move(function)), recompute_(recompute), clock_(clock) {}

  /// The values, without a graph. There may be no inputs.
  Tensors forward(const Tensors& inputs);
  /// The values, with the graph behind them until pull().
  const Tensors& hold();
  /// Whether a value of hold() depends on an input or a leaf.
  bool passes_gradient(size_t value) { return hold().at(value).defined() && hold()[value].requires_grad(); }

  /// From d objective / d values (undefined: none) to d objective / d inputs, zeros where nothing arrived;
  /// once. With `half`, half types may lie on its way.
  Tensors pull(const Tensors& grads, const std::optional<HalfTypes>& half = {});

 private:
  void run(nn::Graph graph);
  Tensors backward(const Tensors& grads, double scale);

  Function function_;
  Recompute recompute_;
  StageClock* clock_;
  Tensors inputs_, held_;
  bool ran_ = false, has_graph_ = false;
  double pull_flops_ = 0;
};

}  // namespace drf::flow
