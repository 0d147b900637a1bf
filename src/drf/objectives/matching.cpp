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

flow::Stage Matching::velocity_stage(const at::Tensor& x, double timestep, const flow::Prepared& prepared,
                                     flow::Which which) const {
  return parts_.denoiser.velocity_stage(x, timestep, prepared, which, flow::Take::kAsTheyStand,
                                        flow::Recompute::kNone,
                                        options_.recompute == flow::Recompute::kBlock);
}

// Each branch against its own base: w + (1 - w) = 1, so the guided velocity moves by the same. Returns the
// loss.
double Matching::match_each(const at::Tensor& x, double timestep, const at::Tensor& tilt, double weight,
                            flow::Prepared& prepared) const {
  const auto branches = static_cast<double>(parts_.denoiser.branch_count(timestep));
  double loss = 0;
  for (const flow::Which which : parts_.denoiser.calls(timestep, /*each=*/true)) {
    stop_if_interrupted();
    const at::NoGradGuard no_graph;
    const flow::Branches base =
        parts_.denoiser.branches(x, timestep, prepared, which, {flow::Take::kReference});
    flow::Stage velocity = velocity_stage(x, timestep, prepared, which);
    const flow::Stage::Tensors v = velocity.forward({});  // its state is a constant
    const auto pulled = [&](const at::Tensor& own, const at::Tensor& base_v) {
      if (!own.defined()) return own;
      const at::Tensor off = own.detach() - (base_v - tilt);
      loss += off.square().sum().item<double>() / branches;
      return off * (2 * (weight / branches));
    };
    const flow::Branches d_v{pulled(v[0], base.conditional), pulled(v[1], base.unconditional)};
    parts_.denoiser.pull(velocity, timestep, d_v, prepared);
  }
  return loss;
}

// w v_c + (1 - w) v_u against the guided base, v_u a constant: what cancels in the sum may drift.
double Matching::match_guided(const at::Tensor& x, double timestep, const at::Tensor& tilt, double weight,
                              flow::Prepared& prepared) const {
  stop_if_interrupted();
  const at::NoGradGuard no_graph;
  const flow::GuidedDenoiser& denoiser = parts_.denoiser;
  const at::Tensor target = denoiser.velocity(x, timestep, prepared, flow::Take::kReference) - tilt;
  const at::Tensor free = denoiser.branches(x, timestep, prepared, flow::Which::kUnconditional).unconditional;
  flow::Stage velocity = velocity_stage(x, timestep, prepared, flow::Which::kConditional);
  const at::Tensor v = velocity.forward({})[0].detach();
  const at::Tensor off = denoiser.guided({v, free}, timestep) - target;
  denoiser.pull(velocity, timestep, {off * (2 * weight * denoiser.denoiser().guidance(timestep)), {}},
                prepared);
  return off.square().sum().item<double>();
}

Outcome Matching::accumulate(const flow::Batch& batch, double scale) {
  if (batch.micro == 0) pending_ = usual_;
  Outcome outcome;
  flow::StageClock clock = flow::clock_of(parts_, outcome.costs);
  parts_.parking.begin(parts_.network(0), clock);
  flow::Prepared prepared = parts_.denoiser.prepare(batch.conditions, batch.unconditional, nn::Graph::kKept,
                                                    /*with_reference=*/true, &clock);

  std::vector<at::Tensor> states;
  const at::Tensor x0 =
      flow::roll_out(parts_, prepared, batch.noise_BCTHW, diffusion::single_steps(0, parts_.schedule.steps()),
                     [&](const at::Tensor& x, const diffusion::Move&) { states.push_back(x); });
  clock.lap("rollout");
  const std::vector<int64_t> steps = matched_steps(batch.update);
  nn::Residence* const first = parts_.network(steps.front());
  outcome.judgement =
      parts_.scorer.pull(x0, batch.samples, at::ones({x0.size(0)}, x0.options()), first, clock);
  parts_.parking.begin(first, clock);
  const at::Tensor g = limited(outcome.judgement.d_x0, pending_, outcome.norms.guides);

  double loss_sum = 0;
  for (const int64_t k : steps) {
    const at::Tensor& x = states[static_cast<size_t>(k)];
    const double timestep = parts_.schedule.timesteps[k],
                 eta = 1 - static_cast<double>(parts_.schedule.sigmas[k]);
    const double weight = -scale / static_cast<double>(steps.size());
    const at::Tensor tilt = options_.beta * eta * g;
    loss_sum += options_.guided && parts_.denoiser.branch_count(timestep) == 2
                    ? match_guided(x, timestep, tilt, weight, prepared)
                    : match_each(x, timestep, tilt, weight, prepared);
  }
  prepared.pull();
  clock.lap("pull_steps");
  outcome.penalties["matching_loss"] =
      loss_sum / static_cast<double>(steps.size()) / static_cast<double>(batch.samples.size());
  const flow::Judgement& judgement = outcome.judgement;
  outcome.norms.d_frames = judgement.d_frames.defined() ? judgement.d_frames.norm().item<double>() : 0;
  outcome.norms.d_x0 = judgement.d_x0.norm().item<double>();
  return outcome;
}

void Matching::state(StateVisitor& v, int64_t /*updates*/) {
  std::vector<double> norms = usual_.values();
  v("guide_norms", norms);
  if (v.reads()) usual_.set_values(std::move(norms));
}

std::vector<diffusion::StepWarning> Matching::step_warnings() const {
  return flow::step_warnings(parts_, nullptr);  // all steps train
}

}  // namespace drf::objectives
