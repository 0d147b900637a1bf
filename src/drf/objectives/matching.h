#pragma once
// Reward score matching in its first-order flow form (arXiv 2604.17415; method.md section 7). The reward's
// gradient is taken once, at the finished clip, and the velocity at every state of the rollout is regressed
// to
//     v_base(x_k) - beta eta(sigma_k) g,   g = dR/dx_0, its norm clipped:
// of each branch of guidance for itself, so that the guided velocity moves by the same, or the guided one, as
// the paper has it. Nothing is chained through the generator: memory is that of one step, or of the critic.

#include "drf/flow/parts.h"
#include "drf/objectives/kept_judgement.h"
#include "drf/objectives/kept_rollout.h"
#include "drf/objectives/objective.h"
#include "drf/objectives/running_quantile.h"

namespace drf::objectives {

/// How the tilt fades with noise.
enum class Eta {
  kLinear,     ///< 1 - sigma
  kQuadratic,  ///< (1 - sigma)^2
  kConstant,   ///< 1
};

struct MatchingOptions {
  double beta = 1;        ///< strength of the tilt: v_base - beta eta dR/dx_0
  double quantile = 0.9;  ///< ||g|| is clipped at this running quantile of a clip's norms; 1 = never
  int64_t steps = 0;      ///< steps matched at an update, drawn at random; 0 = all
  uint64_t seed = 0;      ///< of that draw
  flow::Recompute recompute = flow::Recompute::kBlock;
  /// Where there is guidance the guided velocity is matched, the unconditional one being a constant; else
  /// each branch.
  bool guided = false;
  Eta eta = Eta::kLinear;
  /// Weight of the pull to the velocities that the rollout was made with, of what is matched.
  double trust = 0;
  /// Updates that one rollout and its g serve. `batch` clips in each of `accumulate` batches of an update.
  int64_t reuse = 1, batch = 1, accumulate = 1;
};

/// What later updates know of a batch's rollout, in the host's memory.
struct MatchedRollout {
  std::vector<at::Tensor> states;  ///< x_0 (noise) .. x_{N-1}, [B, C, T, H, W]
  at::Tensor g;                    ///< clipped
  /// With trust: of each step what is held to it, the conditional velocity and the unconditional one, if
  /// there is one, or the guided one.
  std::vector<flow::Branches> velocities;
  flow::Judgement judgement;
};

/// Climbs -sum_b mean_k [||v(x_k) - target_k||^2 + trust ||v(x_k) - v_rollout(x_k)||^2] (squares summed over
/// a clip's velocity, mean over k and, where each is matched, the branches). The outcome's d_frames and d_x0
/// are those of sum_b R_b, before clipping, of the rollout's first update.
class Matching : public Objective {
 public:
  /// `parts` must outlive this.
  Matching(const flow::Parts& parts, const MatchingOptions& options)
      : parts_(parts),
        options_(options),
        usual_(options.quantile),
        pending_(options.quantile),
        rollout_(options.reuse) {}

  /// Penalties: `matching_loss`, `trust` (weighted), both means over clips, and `tilt`, the mean over clips
  /// and steps of beta eta ||g|| / ||v_base||, v_base guided or the conditional one: beta is a scale.
  Outcome accumulate(const flow::Batch& batch, double scale) override;
  void commit(bool skipped) override {
    usual_ = pending_;
    rollout_.commit(update_, skipped);
  }
  bool forget_clips() override { return rollout_.forget(); }
  int64_t held_bytes(const flow::Batch& batch) const override;
  void state(StateVisitor& v, int64_t updates) override;
  std::vector<diffusion::StepWarning> step_warnings() const override;
  std::string inexact() const override {
    return "rule matching takes the gradient of a regression, not of the reward";
  }

 private:
  struct Step {  // of one state
    at::Tensor x;
    double timestep;
    at::Tensor tilt;
    double weight;          // of its terms in the objective
    flow::Branches rolled;  // with trust
  };
  struct Tally {
    double loss = 0, trust = 0, tilt = 0;  // sums over steps and clips
  };
  bool matches_guided(double timestep) const {
    return options_.guided && parts_.denoiser.branch_count(timestep) == 2;
  }
  bool keeps_velocities() const { return options_.trust > 0 && options_.reuse > 1; }
  int64_t velocities_of(int64_t k) const;
  double eta(int64_t k) const;
  std::vector<int64_t> matched_steps(int64_t update) const;
  at::Tensor roll_out(const flow::Batch& batch, const flow::Prepared& prepared,
                      MatchedRollout& rollout) const;
  flow::Stage velocity_stage(const Step& step, const flow::Prepared& prepared, flow::Which which) const;
  at::Tensor off_target(const Step& step, const at::Tensor& v, const at::Tensor& base,
                        const at::Tensor& rolled, double share, Tally& tally) const;
  void match_each(const Step& step, flow::Prepared& prepared, Tally& tally) const;
  void match_guided(const Step& step, flow::Prepared& prepared, Tally& tally) const;

  const flow::Parts& parts_;
  MatchingOptions options_;
  RunningQuantile usual_;    // the norms of the updates so far
  RunningQuantile pending_;  // and of the one under way
  KeptRollout<MatchedRollout> rollout_;
  int64_t update_ = 0;
};

}  // namespace drf::objectives
