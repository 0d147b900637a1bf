#include "drf/objectives/direct_backprop.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/flow/guided_step.h"
#include "drf/flow/networks.h"
#include "drf/flow/rollout.h"
#include "drf/objectives/kept_judgement.h"

namespace drf::objectives {
namespace {

constexpr double kLeastLeapError = 0.1;

double l2(const at::Tensor& t) { return t.norm().item<double>(); }

// The moves that carry gradient, each a stage.
class StepChain {
 public:
  StepChain(const flow::Parts& parts, const DirectBackpropOptions& options, flow::Prepared& prepared,
            const diffusion::Walk& walk, double penalty_scale, bool exact_d_xK)
      : parts_(parts), options_(options), prepared_(prepared), walk_(walk), exact_d_xK_(exact_d_xK) {
    const auto trained = std::count_if(walk.gradient.begin(), walk.gradient.end(),
                                       [](const diffusion::Move& move) { return move.trains; });
    // ||v - v_base||^2 summed over a branch's velocity of a clip, mean over the branches, the steps that
    // train and the draws.
    penalty_weight_ = penalty_scale * options.anchor / static_cast<double>(trained);
  }

  /// The clip at the end of the walk from x. Of leaps: `truth`, the states where they begin, then the clip,
  /// gives the values.
  at::Tensor forward(at::Tensor x, const std::vector<at::Tensor>& truth) {
    chain_.clear();
    leaped_B_ = at::Tensor();
    for (const diffusion::Move& move : walk_.gradient) {
      stop_if_interrupted();
      auto& stage = chain_.emplace_back();
      const double nested = walk_.nested(move, options_.nested);
      if (!move.trains && nested == 0) {  // the gradient passes it unchanged
        x = flow::roll_out(parts_, prepared_, x, {move});
        continue;
      }
      const bool first = chain_.size() == 1;  // nothing that trains comes before its state
      stage.emplace(
          parts_, prepared_, move,
          flow::GuidedStep::Options{move.trains ? penalty_weight_ : 0,
                                    /*base_to_x=*/!first || exact_d_xK_, nested, options_.recompute});
      x = stage->forward(x);
      if (truth.empty()) continue;
      const at::Tensor& state = truth.at(chain_.size());
      const at::Tensor off_B = (x - state).abs().flatten(1).mean(1).clamp_min(kLeastLeapError);
      leaped_B_ = leaped_B_.defined() ? leaped_B_ + off_B : off_B;
      x = state;
    }
    return x;
  }
  /// d objective / d clip from d R / d clip: leaps that miss the states count less.
  at::Tensor weighed(const at::Tensor& d_x0, double factor) const {
    const at::Tensor d = factor == 1 ? d_x0 : d_x0 * factor;
    return leaped_B_.defined() ? d / leaped_B_.view({-1, 1, 1, 1, 1}) : d;
  }

  /// d objective / d x from d objective / d clip, and the gradient of the adapters.
  at::Tensor pull(at::Tensor d_x, std::vector<double>& norms) {
    for (auto stage = chain_.rbegin(); stage != chain_.rend(); ++stage) {
      stop_if_interrupted();
      if (*stage) {
        d_x = (*stage)->pull(d_x);
        penalty_ += (*stage)->penalty();
        stage->reset();
      }
      norms.push_back(l2(d_x));
    }
    return d_x;
  }

  double penalty() const { return penalty_; }

 private:
  const flow::Parts& parts_;
  const DirectBackpropOptions& options_;
  flow::Prepared& prepared_;
  const diffusion::Walk& walk_;
  bool exact_d_xK_;
  at::Tensor leaped_B_;  // sum over leaps of how far they miss, in the mean over a state, floored
  double penalty_weight_ = 0, penalty_ = 0;
  std::vector<std::optional<flow::GuidedStep>> chain_;  // empty where the gradient passes
};

// The mean over draws of what rewards said, as one judgement.
class MeanOverDraws {
 public:
  explicit MeanOverDraws(int64_t draws) : draws_(static_cast<double>(draws)) {}

  void add(const flow::Judgement& draw) {
    rewards_ = rewards_.defined() ? rewards_ + draw.rewards_B : draw.rewards_B;
    saturation_ += draw.saturation / draws_;
    out_of_range_ += draw.out_of_range / draws_;
    for (const auto& [name, score] : draw.by_name) {
      at::Tensor& total = totals_[name];
      total = total.defined() ? total + score.total_B : score.total_B;
      auto& means = parts_[name];
      means.resize(score.parts.size());
      for (size_t b = 0; b < means.size(); ++b)
        for (const auto& [part, value] : score.parts[b]) means[b][part] += value / draws_;
      auto& facts = facts_[name];
      facts.resize(score.facts.size());
      for (size_t b = 0; b < facts.size(); ++b) {
        for (const auto& [fact, mean] : score.facts[b]) {
          facts[b][fact].sum += mean.sum;
          facts[b][fact].count += mean.count;
        }
      }
    }
  }
  /// Into the last draw's.
  void write(flow::Judgement& last) {
    last.rewards_B = rewards_ / draws_;
    last.saturation = saturation_;
    last.out_of_range = out_of_range_;
    for (auto& [name, means] : parts_) {
      last.by_name.at(name).parts = std::move(means);
      last.by_name.at(name).total_B = totals_.at(name) / draws_;
      last.by_name.at(name).facts = std::move(facts_.at(name));
    }
  }

 private:
  double draws_;
  at::Tensor rewards_;
  std::map<std::string, std::vector<std::map<std::string, double>>> parts_;
  std::map<std::string, std::vector<std::map<std::string, rewards::Mean>>> facts_;
  std::map<std::string, at::Tensor> totals_;
  double saturation_ = 0, out_of_range_ = 0;
};

}  // namespace

DirectBackprop::DirectBackprop(const flow::Parts& parts, const DirectBackpropOptions& options)
    : parts_(parts),
      options_(options),
      policy_(diffusion::make_step_policy(options.policy, parts.schedule.steps())),
      replay_(parts_, *policy_, options.nested),
      finished_(options.reuse) {}

Outcome DirectBackprop::accumulate(const flow::Batch& batch, double scale) {
  if (batch.micro == 0) finished_.begin_update();
  update_ = batch.update;
  Outcome outcome;
  flow::StageClock clock = flow::clock_of(parts_, outcome.costs);
  const diffusion::Walk walk = policy_->walk(batch.update);
  const bool replays = finished_.is_there();
  const at::Tensor kept = kept_states(batch);  // undefined: the batch rolls out
  const int64_t first = walk.gradient.front().from, last = walk.gradient.back().from;
  parts_.parking.begin(parts_.network(replays || kept.defined() ? first : 0), clock);
  flow::Prepared prepared = parts_.denoiser.prepare(batch.conditions, batch.unconditional, nn::Graph::kKept,
                                                    /*with_reference=*/options_.anchor > 0, &clock);
  const std::vector<rewards::Sample> keys = finished_.keys(batch);
  const int64_t renoise_to = replays ? first : walk.renoise_to;
  const int64_t draws = walk.renoise_to >= 0 ? walk.draws : 1;
  std::vector<at::Tensor> truth;  // of leaps
  const auto keep = [&](const at::Tensor& x, const diffusion::Move& move) {
    if (walk.leap && (move.from == first || move.from == last)) truth.push_back(x);
  };
  const at::Tensor rolled =
      kept.defined() ? kept
      : replays      ? finished_.kept().at(static_cast<size_t>(batch.micro)).to(batch.noise_BCTHW.options())
                : flow::roll_out(parts_, prepared, finished_.start(batch, parts_.noise), walk.rollout, keep);
  if (options_.keep_states && !kept.defined()) keep_states(batch, rolled);
  if (walk.leap) truth.push_back(rolled);

  const double trained = diffusion::step_sizes(parts_.schedule, walk).trained,
               all = parts_.schedule.sigmas.front() - parts_.schedule.sigmas.back(),
               factor = options_.rescale == 0 ? 1 : std::pow(all / trained, options_.rescale);
  const double draw_scale = scale / static_cast<double>(draws);
  StepChain chain(parts_, options_, prepared, walk, -draw_scale, batch.exact_d_xK);
  MeanOverDraws mean(draws);
  for (int64_t draw = 0; draw < draws; ++draw) {
    at::Tensor x_K = walk.leap ? truth.front() : rolled;
    if (renoise_to >= 0) {
      const double sigma = parts_.schedule.sigmas[renoise_to];
      x_K = (1 - sigma) * rolled + sigma * parts_.noise.again(keys, batch.update * draws + draw);
    }
    outcome.judgement = {};  // of an earlier draw
    outcome.x_K = x_K;
    parts_.parking.begin(parts_.network(first), clock);
    const at::Tensor x0 = chain.forward(x_K, truth);
    clock.lap("rollout");
    const at::Tensor weight_B = at::full({x0.size(0)}, draw_scale, x0.options());
    outcome.judgement = parts_.scorer.pull(x0, batch.samples, weight_B, parts_.network(last), clock);
    mean.add(outcome.judgement);
    outcome.norms.d_x.clear();
    parts_.parking.begin(parts_.network(last), clock);
    outcome.d_xK = chain.pull(chain.weighed(outcome.judgement.d_x0, factor), outcome.norms.d_x);
    clock.lap("pull_steps");
  }
  prepared.pull();
  clock.lap("pull_steps");
  mean.write(outcome.judgement);
  if (scale != 0 && options_.anchor > 0) {
    outcome.penalties["anchor"] = chain.penalty() / -scale / static_cast<double>(batch.samples.size());
  }
  outcome.norms.d_frames = outcome.judgement.d_frames.defined() ? l2(outcome.judgement.d_frames) : 0;
  outcome.norms.d_x0 = l2(outcome.judgement.d_x0);
  if (!replays && finished_.goes_on(batch.update + 1)) finished_.add(outcome.judgement.x0);
  return outcome;
}

at::Tensor DirectBackprop::kept_states(const flow::Batch& batch) const {
  std::vector<at::Tensor> states;
  for (const rewards::Sample& clip : batch.samples) {
    const auto kept = states_.find({clip.prompt, clip.draw});
    if (kept == states_.end()) return {};
    states.push_back(kept->second);
  }
  return at::stack(states).to(batch.noise_BCTHW.options());
}

// An update that is broken off may keep them: they are what they would be again.
void DirectBackprop::keep_states(const flow::Batch& batch, const at::Tensor& x_BCTHW) {
  if (x_BCTHW.is_meta()) return;
  const at::Tensor host = x_BCTHW.cpu();
  for (size_t b = 0; b < batch.samples.size(); ++b) {
    const rewards::Sample& clip = batch.samples[b];
    states_[{clip.prompt, clip.draw}] = host[static_cast<int64_t>(b)].clone();
  }
}

bool DirectBackprop::forget_clips() {
  states_.clear();
  return finished_.forget();
}

void DirectBackprop::state(StateVisitor& v, int64_t updates) {
  finished_.state(v);
  std::vector<at::Tensor> clips = finished_.kept();
  v.file("rollout");
  v("finished", clips);
  if (!v.reads()) return;
  if (!finished_.wants(updates, !clips.empty())) {
    clips.clear();
  } else {
    require_clips(v, "finished", clips, static_cast<size_t>(options_.accumulate), parts_.noise.shape(),
                  options_.batch);
  }
  finished_.put_back(std::move(clips));
}

std::vector<diffusion::StepWarning> DirectBackprop::step_warnings() const {
  return flow::step_warnings(parts_, policy_.get(), options_.policy.policy);
}

std::string DirectBackprop::inexact() const {
  if (options_.policy.leap) return "two leaps that have the values of the steps between them (flow.leap)";
  const bool conditional = parts_.denoiser.holds_guidance();
  std::string held;
  if (conditional) held = "what guidance adds to the conditional velocity (flow.cfg_grad)";
  if (options_.nested != 1 || options_.policy.one_nested)
    held += concat(conditional ? " and " : "", options_.nested == 0 ? "" : "a part of ",
                   "the states that velocities see (flow.nested)");
  return held.empty() ? held : "both with " + held + " held constant";
}

}  // namespace drf::objectives
