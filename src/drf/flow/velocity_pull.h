#pragma once
// One call of the model for one or both branches of guidance, and the way back through it.

#include "drf/flow/guided_generator.h"

namespace drf::flow {

/// Where a velocity is taken, and how.
struct VelocityCall {
  at::Tensor x_BCTHW;
  double timestep = 0;
  Take take = Take::kAsTheyStand;
  Which which = Which::kConditional;
  bool through_x = true;   ///< x is a variable; else a constant
  bool recompute = false;  ///< block by block, in the backward
};

class VelocityPull {
 public:
  /// `generator` and `prompts` must outlive this.
  VelocityPull(const GuidedGenerator& generator, PromptContext& prompts, const VelocityCall& call)
      : generator_(&generator), prompts_(&prompts), call_(call) {}

  /// The branches' velocities; the graph that stands behind them lasts until pull().
  const Branches& run();
  /// From d objective / d velocities (undefined: none) to d objective / d x, undefined without through_x;
  /// adds to the adapters' .grad and to what `prompts` gathers. Half types: at a scale (gradient_scale.h).
  at::Tensor pull(const Branches& d_v);

  const Branches& velocities() const { return v_; }  ///< after run()

 private:
  at::Tensor backward(const Branches& d_v, double scale);
  const GuidedGenerator* generator_;
  PromptContext* prompts_;
  VelocityCall call_;
  at::Tensor x_;  // the graph's leaf
  Branches v_;
};

}  // namespace drf::flow
