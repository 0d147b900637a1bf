#pragma once
// One Euler step along the guided velocity as a stage, with the anchor's penalty. The guided velocity is
// linear in its branches, and each branch is held to its own base velocity: so each is pulled by itself, one
// graph at a time.

#include <optional>
#include <vector>

#include "drf/diffusion/step_policy.h"
#include "drf/flow/parts.h"

namespace drf::flow {

class GuidedStep {
 public:
  struct Options {
    /// Adds this (moves that train only; else 0) times the mean over the branches of ||v - v_base||^2,
    /// squares summed over the batch, to the objective.
    double penalty_weight = 0;
    /// Whether base velocities see x as a variable. They have no adapters: where nothing that trains comes
    /// before x, only d x itself hangs on it, and a forward and a backward of the model.
    bool base_to_x = true;
    /// The share of the gradient through velocities that reaches x; 0: they see it as a constant.
    double nested = 1;
    Recompute recompute = Recompute::kBlock;
  };
  /// What it is given must outlive it.
  GuidedStep(const Parts& parts, Prepared& prepared, const diffusion::Move& move, const Options& options)
      : parts_(parts), prepared_(prepared), move_(move), options_(options) {}

  /// The next state, without a graph (with Recompute::kNone the velocities' graphs are kept).
  at::Tensor forward(const at::Tensor& x);
  /// From d objective / d next state to d objective / d x, accumulating into the adapters and the text;
  /// releases what was kept.
  at::Tensor pull(const at::Tensor& d_next);
  /// The penalty, known after the pull.
  double penalty() const { return penalty_; }

 private:
  struct Call {
    Stage velocity;
    std::optional<Stage> base;  ///< where its graph is kept
  };
  bool anchored() const { return options_.penalty_weight != 0; }
  bool pulls_base() const { return anchored() && options_.base_to_x && options_.nested != 0; }
  double timestep() const { return parts_.schedule.timesteps[move_.from]; }
  Stage stage(Take take, Which which) const;
  Branches value(Take take, Which which) const;

  const Parts& parts_;
  Prepared& prepared_;
  diffusion::Move move_;
  Options options_;
  double penalty_ = 0;
  at::Tensor x_;
  std::vector<Call> calls_;
};

}  // namespace drf::flow
