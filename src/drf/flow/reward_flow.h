#pragma once
// The differentiable reward flow (method.md sections 2-5): roll out, decode, ask, reward, and what the update
// rule makes of it in the adapters' gradients.

#include <memory>

#include "drf/diffusion/step_sizes.h"
#include "drf/flow/adjoint_rule.h"
#include "drf/flow/flow_types.h"
#include "drf/flow/matching_rule.h"
#include "drf/flow/scorer.h"

namespace drf::flow {

class RewardFlow {
 public:
  /// The parts must outlive the flow; `trained`: what of the denoiser gets gradient. Throws Error(kConfig)
  /// for options out of range.
  RewardFlow(models::Denoiser& denoiser, const nn::TrainableSet& trained, models::Decoder* decoder,
             std::vector<Term> rewards, const FlowOptions& options);

  RewardFlow(const RewardFlow&) = delete;  // its parts refer to its options
  RewardFlow& operator=(const RewardFlow&) = delete;

  /// x_0 by Euler steps from the noise, without gradient. `clock`: what counts its operations, if anything.
  at::Tensor sample(const FlowInput& input, StageClock* clock = nullptr) const;

  /// Rollout, frames, answers, rewards; no gradient.
  FlowResult evaluate(const FlowInput& input, Pixels pixels) const;

  /// As evaluate, and adds a gradient to the .grad of the adapters: rule adjoint, that of sum_b R_b *
  /// gradient_scale (minus the anchor's penalty, with the sign of gradient_scale reversed); rule matching,
  /// that of the matching loss times -gradient_scale. Training passes -1 / batch.
  FlowResult run(const FlowInput& input, double gradient_scale);

  /// Stages book their memory on `meter` (may be null) from here on.
  void set_meter(MemoryMeter* meter) { meter_ = meter; }
  const FlowOptions& options() const { return options_; }
  const diffusion::Schedule& schedule() const { return schedule_; }
  const diffusion::StepPolicy& policy() const { return *policy_; }
  const Parking& parking() const { return parking_; }
  const Scorer& scorer() const { return scorer_; }
  /// Where the denoiser's weights are, as parking() takes it.
  nn::Residence* network() const { return network_; }
  /// What is to be said of the sizes of the steps that train (diffusion/step_sizes.h); empty: nothing.
  std::vector<diffusion::StepWarning> step_warnings() const;
  /// Rule matching: the norms its clipping remembers, for checkpoints.
  RunningQuantile& guide_norms() { return guide_norms_; }

 private:
  FlowOptions options_;
  diffusion::Schedule schedule_;
  std::unique_ptr<diffusion::StepPolicy> policy_;
  GuidedDenoiser denoiser_;
  nn::Residence* network_;
  Parking parking_;
  Scorer scorer_;
  RunningQuantile guide_norms_;
  MemoryMeter* meter_ = nullptr;
};

}  // namespace drf::flow
