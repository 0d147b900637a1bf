#pragma once
// Central finite differences of the reward against the flow's gradient, with steps and tolerances that fit
// the models' dtype.

#include <functional>
#include <vector>

#include "drf/nn/trainable_set.h"

namespace drf::check {

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

/// What stands in the slots of `trained`, moved by h times a direction of its parameters.
std::vector<at::Tensor> moved(const nn::TrainableSet& trained, const std::vector<at::Tensor>& direction,
                              double h);

}  // namespace drf::check
