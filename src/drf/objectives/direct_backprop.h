#pragma once
// The exact gradient of the reward in what is trained, through the steps that train, computed in segments
// (method.md section 6). Only the states between the steps are kept; each step is run again for its pull. The
// configuration calls it "adjoint".

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "drf/diffusion/step_policy.h"
#include "drf/flow/parts.h"
#include "drf/objectives/kept_rollout.h"
#include "drf/objectives/objective.h"
#include "drf/objectives/replay.h"

namespace drf::objectives {

struct DirectBackpropOptions {
  diffusion::StepPolicyOptions policy;  ///< which steps train
  /// The share of the gradient that reaches an earlier state through a later velocity: 1 is exact, with 0
  /// velocities see their state as a constant (DRTune, arXiv 2405.00760).
  double nested = 1;
  /// The reward's gradient is multiplied by (all |d sigma| / |d sigma| of the steps that train)^rescale.
  double rescale = 0;
  double anchor = 0;  ///< beta of method.md section 6
  flow::Recompute recompute = flow::Recompute::kBlock;
  /// Updates that go on with one rollout: all but the first noise its finished clips to the first level that
  /// trains. `batch` clips in each of `accumulate` batches of an update.
  int64_t reuse = 1, batch = 1, accumulate = 1;
  /// The state at which training begins is kept of every clip, and a batch whose clips all have one begins
  /// there: exact where nothing that is trained computes before it, and it is at one level always.
  bool keep_states = false;
};

/// Climbs sum_b R_b less the anchor's penalty, averaged over the walk's draws: a reward in which what is
/// trained counts as a variable in the moves that train and as a constant elsewhere. With policy.leap
/// (LeapAlign) the two moves that train have the values of the whole rollout, and R_b is divided by the sum
/// over both of max(mean |x - its value|, 0.1), a constant.
class DirectBackprop : public Objective {
 public:
  /// Throws Error(kConfig) for options out of range.
  DirectBackprop(const flow::Parts& parts, const DirectBackpropOptions& options);

  Outcome accumulate(const flow::Batch& batch, double scale) override;
  void commit(bool skipped) override { finished_.commit(update_, skipped); }
  bool forget_clips() override;
  void state(StateVisitor& v, int64_t updates) override;
  std::vector<diffusion::StepWarning> step_warnings() const override;
  std::string inexact() const override;
  const Replay* replay() const override { return options_.policy.leap ? nullptr : &replay_; }

 private:
  at::Tensor kept_states(const flow::Batch& batch) const;
  void keep_states(const flow::Batch& batch, const at::Tensor& x_BCTHW);

  const flow::Parts& parts_;
  DirectBackpropOptions options_;
  std::unique_ptr<diffusion::StepPolicy> policy_;
  Replay replay_;
  std::map<std::pair<int64_t, int64_t>, at::Tensor> states_;  // by prompt and draw, in the host's memory
  KeptRollout<at::Tensor> finished_;                          // clips that updates go on with
  int64_t update_ = 0;
};

}  // namespace drf::objectives
