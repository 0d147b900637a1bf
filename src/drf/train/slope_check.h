#pragma once
// Central finite differences of the reward against the flow's gradient, with steps and tolerances that fit
// the models' dtype.

#include <functional>

#include "drf/flow/reward_flow.h"

namespace drf::train {

/// One comparison. `error` is |measured / analytic - 1|, at the step where it was least.
struct Slope {
  double analytic = 0, measured = 0, error = 0;
};

/// How slopes are taken in a dtype.
struct SlopeRule {
  double tolerance;
  /// By how much the reward should move to each side, tried in turn: as shares of it, but of no more than 1
  /// and no less than `least`, below which rounding hides them.
  std::vector<double> changes;
  double least;
  /// Along a random direction, or along the gradient itself: the strongest signal, where rounding leaves
  /// little.
  bool random;
};
SlopeRule slope_rule(at::ScalarType dtype);

/// What reward_at(h) does along a direction whose slope should be `analytic` (not 0), where reward_at(0) is
/// `reward`. Stops at the first step that agrees.
Slope measure_slope(const std::function<double(double h)>& reward_at, double reward, double analytic,
                    const SlopeRule& rule);

/// A direction of length 1 for a gradient in several parts, and the slope that it foretells.
struct Direction {
  std::vector<at::Tensor> parts;
  double slope = 0;
};
Direction make_direction(const std::vector<at::Tensor>& gradient, bool random);

/// The reward of one clip, less its penalty for pixels out of range, from any place on its way. No gradient.
class RewardFrom {
 public:
  RewardFrom(models::Denoiser& denoiser, const nn::TrainableSet& trained, const flow::RewardFlow& flow,
             const flow::FlowInput& input)
      : denoiser_(denoiser), trained_(trained), flow_(flow), input_(input) {}

  /// The walk's gradient part as it was: what an approximation holds constant in it.
  struct Held {
    std::vector<at::Tensor> states;  ///< one a move; with detach_input, velocities see these
    /// One a move; with cfg_grad = "cond", guided minus conditional velocity: the guided one is then the
    /// conditional one plus this.
    std::vector<at::Tensor> rest;
  };

  double frames(const at::Tensor& x0, const at::Tensor& frames_BF3HW) const;
  double clip(const at::Tensor& x0) const;
  Held held_from(const at::Tensor& x_K) const;
  /// Along the walk's gradient part from its first state. Moves that train take what is trained moved by h
  /// times `direction` (one tensor a parameter; empty: unmoved), the others as it is. With `held`, the
  /// surrogate whose exact gradient the options' approximation is; else the reward itself.
  double state(const at::Tensor& x_K, const std::vector<at::Tensor>& direction, double h,
               const Held* held) const;

 private:
  bool conditional() const;
  at::Tensor walk(at::Tensor x, const std::vector<at::Tensor>& direction, double h, const Held* held,
                  Held* seen) const;

  models::Denoiser& denoiser_;
  const nn::TrainableSet& trained_;
  const flow::RewardFlow& flow_;
  const flow::FlowInput& input_;
};

}  // namespace drf::train
