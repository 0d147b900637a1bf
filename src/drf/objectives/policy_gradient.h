#pragma once
// Flow-GRPO (arXiv 2505.05470): groups of clips of one prompt by steps that add noise, each clip's advantage
// over its group, and the clipped ratio of the steps' densities. Rewards are only asked for values; gradient
// reaches what is trained through the velocity of each step alone, its state being a constant.

#include "drf/diffusion/step_policy.h"
#include "drf/flow/parts.h"
#include "drf/objectives/advantages.h"
#include "drf/objectives/kept_rollout.h"
#include "drf/objectives/objective.h"
#include "drf/objectives/sde_rollout.h"

namespace drf::objectives {

struct PolicyGradientOptions {
  double noise = 0.7;  ///< of the steps (diffusion/sde_step.h)
  double clip = 1e-4;  ///< a ratio gains nothing beyond 1 +- this
  double kl = 0.04;    ///< weight of the pull to the base model
  flow::Recompute recompute = flow::Recompute::kBlock;
  /// Updates that one rollout serves: ratios are 1 at the first. `batch` clips in each of `accumulate`
  /// batches.
  int64_t reuse = 1, batch = 1, accumulate = 1;
};

/// The steps that train, of `steps` in all: those that add noise.
diffusion::StepPolicyOptions noisy_steps(int64_t steps);

/// Climbs sum_b mean_k [min(A_b r, A_b clip(r, 1 +- e)) - kl D], k over all steps but the last, where of step
/// k of clip b r = exp(l - l_old), l the mean over a clip's numbers of the step's log density, and D the
/// divergence of the step from the base model's (what is trained left out). A_b is over all clips that were
/// gathered of the update.
class PolicyGradient : public Objective {
 public:
  /// `parts` must outlive this. The schedule has two steps at least.
  PolicyGradient(const flow::Parts& parts, const PolicyGradientOptions& options);

  bool gathers() const override { return true; }
  void gather(const flow::Batch& batch) override;
  /// Penalties: `ratio` (mean r), `clipped` (share of steps whose gradient was cut), `kl` (mean D),
  /// `group_spread` (of the update's rewards within a prompt).
  Outcome accumulate(const flow::Batch& batch, double scale) override;
  void commit(bool skipped) override { rollout_.commit(update_, skipped); }
  bool forget_clips() override { return rollout_.forget(); }
  void state(StateVisitor& v, int64_t updates) override;
  int64_t held_bytes(const flow::Batch& batch) const override;
  std::vector<diffusion::StepWarning> step_warnings() const override;
  std::string inexact() const override {
    return "rule policy_gradient takes the gradient of the steps' densities, not of the reward";
  }

 private:
  struct Tally {
    double ratio = 0, clipped = 0, kl = 0;  // sums over steps and clips
  };
  int64_t steps() const { return parts_.schedule.steps() - 1; }  // that train
  SdeRollout& rollout_of(const flow::Batch& batch);
  Advantages advantages_of_update();
  void pull_step(int64_t k, const SdeRollout& rollout, const std::vector<double>& advantage_B,
                 const at::Tensor& like, double scale, flow::Prepared& prepared, Tally& tally) const;

  const flow::Parts& parts_;
  PolicyGradientOptions options_;
  KeptRollout<SdeRollout> rollout_;
  int64_t update_ = 0;
};

}  // namespace drf::objectives
