#include "drf/objectives/policy_gradient.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/diffusion/sde_step.h"
#include "drf/flow/networks.h"
#include "drf/flow/rollout.h"

namespace drf::objectives {
namespace {

/// d objective / d l of one step of a clip, and whether it was cut to 0.
struct Ratio {
  double value = 1, pull = 0;
  bool clipped = false;
};

Ratio ratio_of(double density, double before, double advantage, double clip) {
  Ratio r;
  r.value = std::exp(density - before);
  r.clipped = (advantage > 0 && r.value > 1 + clip) || (advantage < 0 && r.value < 1 - clip);
  r.pull = r.clipped ? 0 : advantage * r.value;
  return r;
}

at::Tensor a_clip(const std::vector<double>& values_B, const at::Tensor& like) {
  return at::tensor(values_B, at::kDouble).to(like.options()).view({-1, 1, 1, 1, 1});
}

}  // namespace

diffusion::StepPolicyOptions noisy_steps(int64_t steps) {
  diffusion::StepPolicyOptions options;
  options.policy = "list";
  options.K = steps - 1;
  for (int64_t k = 0; k < options.K; ++k) options.steps.push_back(k);
  return options;
}

PolicyGradient::PolicyGradient(const flow::Parts& parts, const PolicyGradientOptions& options)
    : parts_(parts), options_(options), rollout_(options.reuse) {
  DRF_CHECK(steps() >= 1, "the last step adds no noise: two are wanted");
}

void PolicyGradient::gather(const flow::Batch& batch) {
  if (batch.micro == 0) rollout_.begin_update();
  if (rollout_.is_there()) return;
  DRF_CHECK(batch.micro == static_cast<int64_t>(rollout_.batches().size()),
            "batches of an update come in order");
  rollout_.add(
      roll_out_sde(parts_, batch, rollout_.start(batch, parts_.noise), rollout_.keys(batch), options_.noise));
}

// What gather() made of the batch. One that was not shown is taken for a whole update.
SdeRollout& PolicyGradient::rollout_of(const flow::Batch& batch) {
  const auto micro = static_cast<size_t>(batch.micro);
  const std::vector<SdeRollout>& there = rollout_.batches();
  if (!rollout_.is_there() && (micro >= there.size() || there[micro].taken)) {
    DRF_CHECK(batch.micro == 0, "gather() was not shown this batch");
    gather(batch);
  }
  SdeRollout& rollout = rollout_.batches().at(micro);
  rollout.taken = true;
  return rollout;
}

Advantages PolicyGradient::advantages_of_update() {
  std::vector<double> rewards;
  std::vector<int64_t> prompts;
  for (const SdeRollout& rollout : rollout_.batches()) {
    for (const double reward : numbers(rollout.judgement.rewards_B)) rewards.push_back(reward);
    for (const rewards::Sample& sample : rollout.judgement.samples) prompts.push_back(sample.prompt);
  }
  return advantages(rewards, prompts);
}

void PolicyGradient::pull_step(int64_t k, const SdeRollout& rollout, const std::vector<double>& advantage_B,
                               const at::Tensor& like, double scale, flow::Prepared& prepared,
                               Tally& tally) const {
  const flow::GuidedDenoiser& denoiser = parts_.denoiser;
  const double t = parts_.schedule.timesteps[k];
  const diffusion::SdeStep step = diffusion::sde_step(parts_.schedule, k, options_.noise);
  const at::Tensor x = rollout.state(static_cast<size_t>(k), like),
                   next = rollout.state(static_cast<size_t>(k) + 1, like);
  at::Tensor base_mean;  // first: no graph is there yet
  if (options_.kl > 0) base_mean = step.mean(x, denoiser.velocity(x, t, prepared, flow::Take::kReference));

  const std::vector<flow::Which> calls = denoiser.calls(t, /*each=*/false);
  // One call alone is pulled at once. Of two, the mean is wanted before the first can be.
  const flow::Recompute keep = calls.size() == 1 ? flow::Recompute::kNone : options_.recompute;
  std::vector<flow::Stage> stages;
  flow::Branches v;
  for (const flow::Which which : calls) {
    stages.push_back(denoiser.velocity_stage(x, t, prepared, which, flow::Take::kAsTheyStand, keep,
                                             options_.recompute == flow::Recompute::kBlock));
    const flow::Stage::Tensors own = stages.back().forward({});  // its state is a constant
    if (own[0].defined()) v.conditional = own[0];
    if (own[1].defined()) v.unconditional = own[1];
  }
  if (denoiser.branch_count(t) == 2 && !v.unconditional.defined())
    v.unconditional = denoiser.branches(x, t, prepared, flow::Which::kUnconditional).unconditional;
  const at::Tensor mean = step.mean(x, denoiser.guided(v, t));

  const std::vector<double> density_B = numbers(step.log_density_B(next, mean));
  std::vector<double> pull_B;
  for (size_t b = 0; b < density_B.size(); ++b) {
    const double before = rollout.log_density.at(static_cast<size_t>(k) * density_B.size() + b);
    const Ratio ratio = ratio_of(density_B[b], before, advantage_B.at(b), options_.clip);
    pull_B.push_back(ratio.pull);
    tally.ratio += ratio.value;
    tally.clipped += ratio.clipped ? 1 : 0;
  }
  // d l / d mu and d D / d mu are differences over the variance and a clip's numbers.
  at::Tensor d_mean = a_clip(pull_B, mean) * (next - mean);
  if (base_mean.defined()) {
    d_mean = d_mean - options_.kl * (mean - base_mean);
    for (const double kl : numbers(step.divergence_B(mean, base_mean))) tally.kl += kl;
  }
  const double per_clip = static_cast<double>(mean.numel()) / static_cast<double>(mean.size(0));
  const flow::Branches d_v = denoiser.pull_guided(
      d_mean * (scale * step.to_v / (step.variance * per_clip * static_cast<double>(steps()))), t);
  for (size_t i = 0; i < calls.size(); ++i) {
    flow::Branches own;
    if (calls[i] != flow::Which::kUnconditional) own.conditional = d_v.conditional;
    if (calls[i] != flow::Which::kConditional) own.unconditional = d_v.unconditional;
    denoiser.pull(stages[i], t, own, prepared);
  }
}

Outcome PolicyGradient::accumulate(const flow::Batch& batch, double scale) {
  update_ = batch.update;
  SdeRollout& rollout = rollout_of(batch);
  const Advantages all = advantages_of_update();
  size_t first = 0;
  for (int64_t micro = 0; micro < batch.micro; ++micro)
    first += rollout_.batches().at(static_cast<size_t>(micro)).judgement.samples.size();
  const auto begin = all.values.begin() + static_cast<std::ptrdiff_t>(first);
  const std::vector<double> advantage_B(begin, begin + static_cast<std::ptrdiff_t>(batch.samples.size()));

  Outcome outcome;
  outcome.costs = std::exchange(rollout.costs, {});
  outcome.judgement = rollout.judgement;
  flow::StageClock clock = flow::clock_of(parts_, outcome.costs);
  parts_.parking.begin(parts_.network(0), clock);
  flow::Prepared prepared = parts_.denoiser.prepare(batch.conditions, batch.unconditional, nn::Graph::kKept,
                                                    /*with_reference=*/options_.kl > 0, &clock);
  Tally tally;
  for (int64_t k = 0; k < steps(); ++k) {
    stop_if_interrupted();
    const at::NoGradGuard no_graph;
    pull_step(k, rollout, advantage_B, batch.noise_BCTHW, scale, prepared, tally);
  }
  prepared.pull();
  clock.lap("pull_steps");
  const auto pulled = static_cast<double>(steps()) * static_cast<double>(batch.samples.size());
  outcome.penalties = {{"ratio", tally.ratio / pulled},
                       {"clipped", tally.clipped / pulled},
                       {"kl", tally.kl / pulled},
                       {"group_spread", all.spread}};
  return outcome;
}

int64_t PolicyGradient::held_bytes(const flow::Batch& batch) const {
  return static_cast<int64_t>(batch.noise_BCTHW.nbytes()) * parts_.schedule.steps();
}

void PolicyGradient::state(StateVisitor& v, int64_t updates) {
  rollout_.state(v);
  std::vector<at::Tensor> states;
  std::vector<double> densities;
  std::string judged;
  for (const SdeRollout& rollout : rollout_.kept()) {
    states.insert(states.end(), rollout.states.begin(), rollout.states.end());
    densities.insert(densities.end(), rollout.log_density.begin(), rollout.log_density.end());
    judged += judgement_to_text(rollout.judgement) + "\n";
  }
  v("log_densities", densities);
  v("judged", judged);
  v.file("rollout");
  v("states", states);
  if (!v.reads()) return;
  std::vector<SdeRollout> kept;
  if (rollout_.wants(updates, !states.empty() || !densities.empty() || !judged.empty())) {
    const auto batches = static_cast<size_t>(options_.accumulate), N = static_cast<size_t>(steps()) + 1;
    const size_t each = (N - 1) * static_cast<size_t>(options_.batch);
    require_clips(v, "states", states, batches * N, parts_.noise.shape(), options_.batch);
    if (densities.size() != batches * each)
      v.reject("log_densities", concat("has ", densities.size(), " numbers, wanted ", batches * each));
    for (size_t m = 0; m < batches; ++m) {
      SdeRollout& rollout = kept.emplace_back();
      rollout.states.assign(states.begin() + static_cast<std::ptrdiff_t>(m * N),
                            states.begin() + static_cast<std::ptrdiff_t>((m + 1) * N));
      rollout.log_density.assign(densities.begin() + static_cast<std::ptrdiff_t>(m * each),
                                 densities.begin() + static_cast<std::ptrdiff_t>((m + 1) * each));
      rollout.judgement = take_judgement(v, judged, options_.batch);
    }
  }
  rollout_.put_back(std::move(kept));
}

std::vector<diffusion::StepWarning> PolicyGradient::step_warnings() const {
  const auto policy =
      diffusion::make_step_policy(noisy_steps(parts_.schedule.steps()), parts_.schedule.steps());
  return flow::step_warnings(parts_, policy.get(), "policy_gradient");
}

}  // namespace drf::objectives
