#pragma once
// What goes into one pass of the reward flow and what comes out.
//
// Shape letters: B clips, C T H W latent channels, frames, height, width; F frames; M draws.

#include <ATen/core/Tensor.h>

#include <map>
#include <vector>

#include "drf/diffusion/schedule.h"
#include "drf/diffusion/step_policy.h"
#include "drf/flow/guided_denoiser.h"
#include "drf/flow/parking.h"
#include "drf/flow/scorer.h"

namespace drf::flow {

/// How a reward becomes a gradient of the adapters.
enum class Rule {
  kAdjoint,   ///< the exact gradient through the steps that train (method.md section 6)
  kMatching,  ///< velocities regressed to the base model's, moved along the reward's gradient (section 7)
};

struct MatchingOptions {
  double beta = 1;  ///< strength of the tilt: v_base - beta (1 - sigma) dR/dx_0
  double quantile =
      0.9;  ///< the gradient's norm is clipped at this running quantile of a clip's norms; 1 = never
  int64_t steps = 0;  ///< steps matched at an update, drawn at random; 0 = all
};

struct FlowOptions {
  int64_t steps = 30;  ///< N
  double shift = 3.0;
  diffusion::EulerLevels levels = diffusion::EulerLevels::kFlow;
  Guidance guidance;
  Rule rule = Rule::kAdjoint;
  diffusion::StepPolicyOptions policy;  ///< rule adjoint: which steps train
  bool detach_input = false;  ///< rule adjoint: velocities see x without gradient (DRTune, arXiv 2405.00760)
  MatchingOptions matching;   ///< rule matching
  Recompute recompute = Recompute::kBlock;
  Park park = Park::kOff;  ///< networks that a stage does not use
  double anchor = 0.0;     ///< beta of method.md section 6; rule adjoint
  /// c >= 0: training climbs R - c * mean of (distance of a value from [0, 1])^2 over a clip's pixel values.
  double out_of_range = 0.0;
};

struct FlowInput {
  std::vector<models::Condition> conditions;  ///< one a clip
  models::Condition unconditional;            ///< one row; only used when guidance != 1
  at::Tensor noise_BCTHW;                     ///< x_N, float32 or float64: the sampler's state has this dtype
  std::vector<rewards::Sample> samples;       ///< who the clips are
  int64_t update = 0;                         ///< what the step policy is asked for
  /// A finished clip from an earlier rollout: instead of rolling out, it is noised to the first level that
  /// trains.
  at::Tensor finished_BCTHW;
  /// Noise like noise_BCTHW, one a draw, where a clip is noised again.
  std::vector<at::Tensor> renoise;
  /// Rule adjoint with an anchor: false leaves out of result.d_xK what reaches x_K through the base velocity
  /// there, which trains nothing and costs a forward and a backward of the model. No other result hangs on
  /// it.
  bool exact_d_xK = true;
};

/// The stages in the order they run. Beside them, where networks are parked: "park", what moving them took.
inline const std::vector<const char*>& stage_names() {
  static const std::vector<const char*> names = {"rollout",     "decode",      "critic",
                                                 "pull_critic", "pull_decode", "pull_steps"};
  return names;
}

/// Costs of each stage, and L2 norms of the gradient on its way.
struct FlowStats {
  std::map<std::string, StageCost> costs;  ///< by stage_names()
  double d_frames_norm = 0, d_x0_norm = 0;
  std::vector<double>
      d_x_norms;            ///< adjoint: after pulling the last step, the one before, ...: the last is d_xK's
  double saturation = 0;    ///< as Judgement's, mean over draws
  double out_of_range = 0;  ///< as Judgement's, mean over draws
  double penalty = 0;       ///< the anchor's value, or the matching loss: mean over clips
  std::vector<double> guide_norms;  ///< matching: dR/dx_0 of each clip before clipping
};

/// What the rewards said of the clips (d_frames and d_x0 of sum_b (R_b - the penalty out_of_range) *
/// gradient_scale), and what the rule made of it.
struct FlowResult : Judgement {
  /// x_K is the first state that trains, d_xK its gradient (rule adjoint only).
  at::Tensor x_K, d_xK;
  FlowStats stats;
};

}  // namespace drf::flow
