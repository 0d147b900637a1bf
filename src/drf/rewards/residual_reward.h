#pragma once
// The residual of an equation as a Reward on latents.

#include "drf/rewards/residual_score.h"
#include "drf/rewards/reward.h"

namespace drf::rewards {

class ResidualReward : public Reward {
 public:
  /// `equation`: as the configuration names it. Throws Error(kConfig) unless it is the generator's own.
  ResidualReward(fields::Equation equation, fields::FieldConfig generators);
  bool sees_frames() const override { return false; }
  /// total_B = R = -mean (r / s)^2. Facts of each sample, not divided by s: "abs_r" and "square_r", means
  /// over places.
  Score score(const at::Tensor& latents_BC1HW, const std::vector<Sample>& samples) override;

 private:
  ResidualScore score_;
};

}  // namespace drf::rewards
