#include "drf/flow/adjoint_rule.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <optional>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/flow/guided_step.h"

namespace drf::flow {
namespace {

double l2(const at::Tensor& t) { return t.norm().item<double>(); }

class AdjointPass {
 public:
  AdjointPass(const FlowParts& parts, Prepared& prepared, const diffusion::Walk& walk, double penalty_scale,
              bool exact_d_xK)
      : parts_(parts), prepared_(prepared), walk_(walk), exact_d_xK_(exact_d_xK) {
    const auto trained = std::count_if(walk.gradient.begin(), walk.gradient.end(),
                                       [](const diffusion::Move& move) { return move.trains; });
    // ||v - v_base||^2 summed over a branch's velocity of a clip, mean over the branches, the steps that
    // train and the draws.
    penalty_weight_ = penalty_scale * parts.options.anchor / static_cast<double>(trained);
  }

  /// The clip at the end of the walk from x.
  at::Tensor forward(at::Tensor x) {
    chain_.clear();
    for (const diffusion::Move& move : walk_.gradient) {
      stop_if_interrupted();
      auto& stage = chain_.emplace_back();
      if (!move.trains && parts_.options.detach_input) {  // the gradient passes it unchanged
        x = roll_out(parts_.denoiser, parts_.schedule, prepared_, x, {move});
        continue;
      }
      const bool first = chain_.size() == 1;  // nothing that trains comes before its state
      stage.emplace(
          parts_, prepared_, move,
          GuidedStep::Options{move.trains ? penalty_weight_ : 0, /*base_to_x=*/!first || exact_d_xK_});
      x = stage->forward(x);
    }
    return x;
  }

  /// d objective / d x from d objective / d clip, and the gradient of the adapters.
  at::Tensor pull(at::Tensor d_x, FlowStats& stats) {
    for (auto stage = chain_.rbegin(); stage != chain_.rend(); ++stage) {
      stop_if_interrupted();
      if (*stage) {
        d_x = (*stage)->pull(d_x);
        penalty_ += (*stage)->penalty();
        stage->reset();
      }
      stats.d_x_norms.push_back(l2(d_x));
    }
    return d_x;
  }

  double penalty() const { return penalty_; }

 private:
  const FlowParts& parts_;
  Prepared& prepared_;
  const diffusion::Walk& walk_;
  bool exact_d_xK_;
  double penalty_weight_ = 0, penalty_ = 0;
  std::vector<std::optional<GuidedStep>> chain_;  // empty where the gradient passes
};

}  // namespace

void run_adjoint(const FlowParts& parts, const diffusion::Walk& walk, const FlowInput& input,
                 double gradient_scale, FlowResult& result, StageClock& clock) {
  FlowStats& stats = result.stats;
  Prepared prepared = parts.denoiser.prepare(input.conditions, input.unconditional, nn::Graph::kKept,
                                             /*with_reference=*/parts.options.anchor > 0, &clock);
  const bool replay = input.finished_BCTHW.defined();
  const int64_t renoise_to = replay ? walk.gradient.front().from : walk.renoise_to;
  const int64_t draws = walk.renoise_to >= 0 ? walk.draws : 1;
  DRF_CHECK(renoise_to < 0 || static_cast<int64_t>(input.renoise.size()) >= draws, "noise for ", draws,
            " draws");

  const at::Tensor rolled =
      replay ? input.finished_BCTHW
             : roll_out(parts.denoiser, parts.schedule, prepared, input.noise_BCTHW, walk.rollout);
  const double scale = gradient_scale / static_cast<double>(draws);
  AdjointPass pass(parts, prepared, walk, -scale, input.exact_d_xK);
  at::Tensor rewards;
  std::map<std::string, std::vector<std::map<std::string, double>>> reward_parts;  // means over the draws
  std::map<std::string, at::Tensor> totals;
  double saturation = 0, out_of_range = 0;
  for (int64_t draw = 0; draw < draws; ++draw) {
    at::Tensor x_K = rolled;
    if (renoise_to >= 0) {
      const double sigma = parts.schedule.sigmas[renoise_to];
      x_K = (1 - sigma) * rolled + sigma * input.renoise[static_cast<size_t>(draw)];
    }
    static_cast<Judgement&>(result) = {};  // of an earlier draw
    result.x_K = x_K;
    parts.parking.begin(parts.network, clock);
    const at::Tensor x0 = pass.forward(x_K);
    clock.lap("rollout");
    const at::Tensor weight_B = at::full({x0.size(0)}, scale, x0.options());
    static_cast<Judgement&>(result) = parts.scorer.pull(x0, input.samples, weight_B, parts.network, clock);
    rewards = rewards.defined() ? rewards + result.rewards_B : result.rewards_B;
    saturation += result.saturation / static_cast<double>(draws);
    out_of_range += result.out_of_range / static_cast<double>(draws);
    for (const auto& [name, score] : result.by_name) {
      at::Tensor& total = totals[name];
      total = total.defined() ? total + score.total_B : score.total_B;
      auto& means = reward_parts[name];
      means.resize(score.parts.size());
      for (size_t b = 0; b < means.size(); ++b)
        for (const auto& [part, value] : score.parts[b]) means[b][part] += value / static_cast<double>(draws);
    }
    stats.d_x_norms.clear();
    parts.parking.begin(parts.network, clock);
    result.d_xK = pass.pull(result.d_x0, stats);
    clock.lap("pull_steps");
  }
  prepared.pull();
  clock.lap("pull_steps");
  result.rewards_B = rewards / static_cast<double>(draws);
  for (auto& [name, means] : reward_parts) {
    result.by_name.at(name).parts = std::move(means);
    result.by_name.at(name).total_B = totals.at(name) / static_cast<double>(draws);
  }
  stats.saturation = saturation;
  stats.out_of_range = out_of_range;
  if (gradient_scale != 0) {
    stats.penalty = pass.penalty() / -gradient_scale / static_cast<double>(input.samples.size());
  }
  stats.d_frames_norm = result.d_frames.defined() ? l2(result.d_frames) : 0;
  stats.d_x0_norm = l2(result.d_x0);
}

}  // namespace drf::flow
