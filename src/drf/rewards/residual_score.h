#pragma once
// The reward of a generator of fields (PIRF): R = -mean (r / s)^2 of the equation's residual r. It reads
// latents; there is no decoder, no text and nothing to load.

#include <ATen/core/Tensor.h>

#include "drf/models/fields/field_config.h"

namespace drf::rewards {

/// mean + std z, a channel at a time: [B, C, 1, H, W] -> [B, C, H, W] in float64. Differentiable. Throws
/// Error(kConfig) for more than one frame or another number of channels.
at::Tensor fields_of_latents(const fields::FieldConfig& config, const at::Tensor& latents_BC1HW);

struct ResidualScores {
  at::Tensor reward_B;                       ///< R, float64, with the graph of the latents
  at::Tensor mean_abs_r_B, mean_square_r_B;  ///< of the residual itself, not divided by s; without a graph
};

class ResidualScore {
 public:
  explicit ResidualScore(fields::FieldConfig config) : config_(std::move(config)) {}
  /// Rows are independent. Throws as fields_of_latents() and residual().
  ResidualScores score(const at::Tensor& latents_BC1HW) const;
  const fields::FieldConfig& config() const { return config_; }

 private:
  fields::FieldConfig config_;
};

}  // namespace drf::rewards
