#include "drf/objectives/matching.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "drf/base/interrupt.h"
#include "drf/base/random.h"
#include "drf/flow/networks.h"
#include "drf/flow/rollout.h"

namespace drf::objectives {
namespace {

/// g of each clip, its norm limited by what was usual before this batch.
at::Tensor limited(const at::Tensor& g, RunningQuantile& usual, std::vector<double>& norms) {
  const double limit = usual.limit();
  std::vector<at::Tensor> clips;
  for (const at::Tensor& clip : g.unbind(0)) {
    norms.push_back(clip.norm().item<double>());
    clips.push_back(norms.back() > limit ? clip * (limit / norms.back()) : clip);
  }
  for (const double norm : norms) usual.add(norm);
  return at::stack(clips);
}

/// ||tilt|| / ||base|| of each clip, summed.
double tilt_of(const at::Tensor& tilt, const at::Tensor& base) {
  const auto norm_B = [](const at::Tensor& x) { return x.to(at::kDouble).flatten(1).norm(2, 1); };
  return (norm_B(tilt) / norm_B(base)).sum().item<double>();
}

flow::Branches from_host(const flow::Branches& v, const at::Tensor& like) {
  return {objectives::from_host(v.conditional, like),
          v.unconditional.defined() ? objectives::from_host(v.unconditional, like) : at::Tensor()};
}

// What later updates need of a rollout.
MatchedRollout kept(const MatchedRollout& rollout, const flow::Judgement& judgement) {
  MatchedRollout kept;
  for (const at::Tensor& x : rollout.states) kept.states.push_back(to_host(x));
  kept.g = to_host(rollout.g);
  for (const flow::Branches& v : rollout.velocities)
    kept.velocities.push_back(
        {to_host(v.conditional), v.unconditional.defined() ? to_host(v.unconditional) : at::Tensor()});
  kept.judgement = values_of(judgement);
  return kept;
}

}  // namespace

// All, or a draw without repetition.
std::vector<int64_t> Matching::matched_steps(int64_t update) const {
  const int64_t all = parts_.schedule.steps();
  std::vector<int64_t> steps =
      shuffle({options_.seed, Purpose::kStepPolicy, 0, static_cast<uint32_t>(update)}, all);
  if (options_.steps > 0) steps.resize(static_cast<size_t>(std::min(options_.steps, all)));
  std::sort(steps.begin(), steps.end());
  return steps;
}

// How many velocities of step k are held to what they were.
int64_t Matching::velocities_of(int64_t k) const {
  const double timestep = parts_.schedule.timesteps[k];
  return matches_guided(timestep) ? 1 : parts_.denoiser.branch_count(timestep);
}

double Matching::eta(int64_t k) const {
  const double clean = 1 - static_cast<double>(parts_.schedule.sigmas[k]);
  if (options_.eta == Eta::kConstant) return 1;
  return options_.eta == Eta::kLinear ? clean : clean * clean;
}

at::Tensor Matching::roll_out(const flow::Batch& batch, const flow::Prepared& prepared,
                              MatchedRollout& rollout) const {
  flow::OnVelocities seen;
  if (keeps_velocities())
    seen = [&](const flow::Branches& v, const diffusion::Move& move) {
      const double timestep = parts_.schedule.timesteps[move.from];
      rollout.velocities.push_back(
          matches_guided(timestep) ? flow::Branches{parts_.denoiser.guided(v, timestep), {}} : v);
    };
  return flow::roll_out(
      parts_, prepared, rollout_.start(batch, parts_.noise),
      diffusion::single_steps(0, parts_.schedule.steps()),
      [&](const at::Tensor& x, const diffusion::Move&) { rollout.states.push_back(x); }, seen);
}

flow::Stage Matching::velocity_stage(const Step& step, const flow::Prepared& prepared,
                                     flow::Which which) const {
  return parts_.denoiser.velocity_stage(step.x, step.timestep, prepared, which, flow::Take::kAsTheyStand,
                                        flow::Recompute::kNone,
                                        options_.recompute == flow::Recompute::kBlock);
}

// Half of d (what `v` adds to the loss) / d v; `share`: of v among the velocities of its step.
at::Tensor Matching::off_target(const Step& step, const at::Tensor& v, const at::Tensor& base,
                                const at::Tensor& rolled, double share, Tally& tally) const {
  at::Tensor off = v - (base - step.tilt);
  tally.loss += share * off.square().sum().item<double>();
  if (!rolled.defined()) return off;
  const at::Tensor moved = v - rolled;
  tally.trust += share * options_.trust * moved.square().sum().item<double>();
  return off + options_.trust * moved;
}

// Each branch against its own base: w + (1 - w) = 1, so the guided velocity moves by the same.
void Matching::match_each(const Step& step, flow::Prepared& prepared, Tally& tally) const {
  const double share = 1 / static_cast<double>(parts_.denoiser.branch_count(step.timestep));
  for (const flow::Which which : parts_.denoiser.calls(step.timestep, /*each=*/true)) {
    stop_if_interrupted();
    const at::NoGradGuard no_graph;
    const flow::Branches base =
        parts_.denoiser.branches(step.x, step.timestep, prepared, which, {flow::Take::kReference});
    flow::Stage velocity = velocity_stage(step, prepared, which);
    const flow::Stage::Tensors v = velocity.forward({});  // its state is a constant
    const auto pulled = [&](const at::Tensor& own, const at::Tensor& base_v, const at::Tensor& rolled) {
      if (!own.defined()) return own;
      return off_target(step, own.detach(), base_v, rolled, share, tally) * (2 * (step.weight * share));
    };
    if (base.conditional.defined()) tally.tilt += tilt_of(step.tilt, base.conditional);
    const flow::Branches d_v{pulled(v[0], base.conditional, step.rolled.conditional),
                             pulled(v[1], base.unconditional, step.rolled.unconditional)};
    parts_.denoiser.pull(velocity, step.timestep, d_v, prepared);
  }
}

// w v_c + (1 - w) v_u against the guided base, v_u a constant: what cancels in the sum may drift.
void Matching::match_guided(const Step& step, flow::Prepared& prepared, Tally& tally) const {
  stop_if_interrupted();
  const at::NoGradGuard no_graph;
  const flow::GuidedDenoiser& denoiser = parts_.denoiser;
  const double t = step.timestep;
  const at::Tensor base = denoiser.velocity(step.x, t, prepared, flow::Take::kReference);
  tally.tilt += tilt_of(step.tilt, base);
  const at::Tensor free = denoiser.branches(step.x, t, prepared, flow::Which::kUnconditional).unconditional;
  flow::Stage velocity = velocity_stage(step, prepared, flow::Which::kConditional);
  const at::Tensor v = velocity.forward({})[0].detach();
  const at::Tensor off =
      off_target(step, denoiser.guided({v, free}, t), base, step.rolled.conditional, 1, tally);
  denoiser.pull(velocity, t, {off * (2 * step.weight * denoiser.denoiser().guidance(t)), {}}, prepared);
}

Outcome Matching::accumulate(const flow::Batch& batch, double scale) {
  if (batch.micro == 0) {
    pending_ = usual_;
    rollout_.begin_update();
  }
  update_ = batch.update;
  Outcome outcome;
  flow::StageClock clock = flow::clock_of(parts_, outcome.costs);
  const std::vector<int64_t> steps = matched_steps(batch.update);
  nn::Residence* const first = parts_.network(steps.front());
  const bool goes_on = rollout_.is_there();
  parts_.parking.begin(goes_on ? first : parts_.network(0), clock);
  flow::Prepared prepared = parts_.denoiser.prepare(batch.conditions, batch.unconditional, nn::Graph::kKept,
                                                    /*with_reference=*/true, &clock);
  MatchedRollout rollout;
  if (goes_on) {
    rollout = rollout_.kept().at(static_cast<size_t>(batch.micro));
    outcome.judgement = rollout.judgement;
  } else {
    const at::Tensor x0 = roll_out(batch, prepared, rollout);
    clock.lap("rollout");
    outcome.judgement =
        parts_.scorer.pull(x0, batch.samples, at::ones({x0.size(0)}, x0.options()), first, clock);
    parts_.parking.begin(first, clock);
    const flow::Judgement& judgement = outcome.judgement;
    rollout.g = limited(judgement.d_x0, pending_, outcome.norms.guides);
    outcome.norms.d_frames = judgement.d_frames.defined() ? judgement.d_frames.norm().item<double>() : 0;
    outcome.norms.d_x0 = judgement.d_x0.norm().item<double>();
  }
  if (!goes_on && rollout_.goes_on(batch.update + 1)) rollout_.add(kept(rollout, outcome.judgement));

  Tally tally;
  const at::Tensor g = from_host(rollout.g, batch.noise_BCTHW);
  for (const int64_t k : steps) {
    const auto at = static_cast<size_t>(k);
    Step step{from_host(rollout.states.at(at), batch.noise_BCTHW),
              parts_.schedule.timesteps[k],
              options_.beta * eta(k) * g,
              -scale / static_cast<double>(steps.size()),
              {}};
    if (keeps_velocities()) step.rolled = from_host(rollout.velocities.at(at), batch.noise_BCTHW);
    Tally own;
    if (matches_guided(step.timestep)) {
      match_guided(step, prepared, own);
    } else {
      match_each(step, prepared, own);
    }
    tally.loss += own.loss;
    tally.trust += own.trust;
    tally.tilt += own.tilt;
  }
  prepared.pull();
  clock.lap("pull_steps");
  const auto mean = [&](double sum) {
    return sum / static_cast<double>(steps.size()) / static_cast<double>(batch.samples.size());
  };
  outcome.penalties["matching_loss"] = mean(tally.loss);
  outcome.penalties["tilt"] = mean(tally.tilt);
  if (keeps_velocities()) outcome.penalties["trust"] = mean(tally.trust);
  return outcome;
}

int64_t Matching::held_bytes(const flow::Batch& batch) const {
  if (options_.reuse == 1) return 0;
  int64_t latents = parts_.schedule.steps() + 1;  // states and g
  if (keeps_velocities())
    for (int64_t k = 0; k < parts_.schedule.steps(); ++k) latents += velocities_of(k);
  return static_cast<int64_t>(batch.noise_BCTHW.nbytes()) * latents;
}

void Matching::state(StateVisitor& v, int64_t updates) {
  std::vector<double> norms = usual_.values();
  v("guide_norms", norms);
  if (v.reads()) usual_.set_values(std::move(norms));
  rollout_.state(v);
  std::vector<at::Tensor> states, guides, velocities;
  std::string judged;
  for (const MatchedRollout& rollout : rollout_.kept()) {
    states.insert(states.end(), rollout.states.begin(), rollout.states.end());
    guides.push_back(rollout.g);
    for (const flow::Branches& own : rollout.velocities) {
      velocities.push_back(own.conditional);
      if (own.unconditional.defined()) velocities.push_back(own.unconditional);
    }
    judged += judgement_to_text(rollout.judgement) + "\n";
  }
  v("judged", judged);
  v.file("rollout");
  v("states", states);
  v("guides", guides);
  v("velocities", velocities);
  if (!v.reads()) return;
  std::vector<MatchedRollout> kept;
  if (rollout_.wants(updates, !states.empty() || !guides.empty() || !judged.empty())) {
    const int64_t N = parts_.schedule.steps();
    int64_t held = 0;  // velocities of a batch
    for (int64_t k = 0; k < N && keeps_velocities(); ++k) held += velocities_of(k);
    const auto require = [&](const char* name, const std::vector<at::Tensor>& tensors, int64_t each) {
      require_clips(v, name, tensors, static_cast<size_t>(options_.accumulate * each), parts_.noise.shape(),
                    options_.batch);
    };
    require("states", states, N);
    require("guides", guides, 1);
    require("velocities", velocities, held);
    auto state = states.begin(), velocity = velocities.begin();
    for (const at::Tensor& g : guides) {
      MatchedRollout& rollout = kept.emplace_back();
      rollout.g = g;
      for (int64_t k = 0; k < N; ++k) {
        rollout.states.push_back(*state++);
        if (held == 0) continue;
        flow::Branches& own = rollout.velocities.emplace_back();
        own.conditional = *velocity++;
        if (velocities_of(k) == 2) own.unconditional = *velocity++;
      }
      rollout.judgement = take_judgement(v, judged, options_.batch);
    }
  }
  rollout_.put_back(std::move(kept));
}

std::vector<diffusion::StepWarning> Matching::step_warnings() const {
  return flow::step_warnings(parts_, nullptr, "matching");  // all steps train
}

}  // namespace drf::objectives
