#pragma once
// Reward score matching in its first-order flow form (arXiv 2604.17415; method.md section 7). The reward's
// gradient is taken once, at the finished clip, and the velocity at every state of the rollout is regressed
// to
//     v_base(x_k) - beta (1 - sigma_k) g,   g = dR/dx_0, its norm clipped:
// of each branch of guidance for itself, so that the guided velocity moves by the same, or the guided one, as
// the paper has it. Nothing is chained through the generator: memory is that of one step, or of the critic.

#include "drf/flow/parts.h"
#include "drf/objectives/objective.h"
#include "drf/objectives/running_quantile.h"

namespace drf::objectives {

struct MatchingOptions {
  double beta = 1;        ///< strength of the tilt: v_base - beta (1 - sigma) dR/dx_0
  double quantile = 0.9;  ///< ||g|| is clipped at this running quantile of a clip's norms; 1 = never
  int64_t steps = 0;      ///< steps matched at an update, drawn at random; 0 = all
  uint64_t seed = 0;      ///< of that draw
  flow::Recompute recompute = flow::Recompute::kBlock;
  /// Where there is guidance the guided velocity is matched, the unconditional one being a constant; else
  /// each branch.
  bool guided = false;
};

/// Climbs -sum_b mean_k ||v(x_k) - target_k||^2 (squares summed over a clip's velocity, mean over k and,
/// where each is matched, the branches). The outcome's d_frames and d_x0 are those of sum_b R_b, before
/// clipping.
class Matching : public Objective {
 public:
  /// `parts` must outlive this.
  Matching(const flow::Parts& parts, const MatchingOptions& options)
      : parts_(parts), options_(options), usual_(options.quantile), pending_(options.quantile) {}

  Outcome accumulate(const flow::Batch& batch, double scale) override;
  void commit(bool /*skipped*/) override { usual_ = pending_; }
  void state(StateVisitor& v, int64_t updates) override;
  std::vector<diffusion::StepWarning> step_warnings() const override;
  std::string inexact() const override {
    return "rule matching takes the gradient of a regression, not of the reward";
  }

 private:
  std::vector<int64_t> matched_steps(int64_t update) const;
  flow::Stage velocity_stage(const at::Tensor& x, double timestep, const flow::Prepared& prepared,
                             flow::Which which) const;
  double match_each(const at::Tensor& x, double timestep, const at::Tensor& tilt, double weight,
                    flow::Prepared& prepared) const;
  double match_guided(const at::Tensor& x, double timestep, const at::Tensor& tilt, double weight,
                      flow::Prepared& prepared) const;

  const flow::Parts& parts_;
  MatchingOptions options_;
  RunningQuantile usual_;    // the norms of the updates so far
  RunningQuantile pending_;  // and of the one under way
};

}  // namespace drf::objectives
