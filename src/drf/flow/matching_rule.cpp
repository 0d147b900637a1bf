#include "drf/flow/matching_rule.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/interrupt.h"
#include "drf/base/random.h"

namespace drf::flow {
namespace {

/// The steps matched at this update: all, or a draw without repetition.
std::vector<int64_t> matched_steps(const FlowOptions& options, int64_t update) {
  const RandomKey key{options.policy.seed, Purpose::kStepPolicy, 0, static_cast<uint32_t>(update)};
  std::vector<int64_t> steps = shuffle(key, options.steps);
  if (options.matching.steps > 0)
    steps.resize(static_cast<size_t>(std::min(options.matching.steps, options.steps)));
  std::sort(steps.begin(), steps.end());
  return steps;
}

/// g of each clip, its norm limited by what was usual before this update.
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

void run_matching(const FlowParts& parts, const FlowInput& input, double gradient_scale,
                  RunningQuantile& guide_norms, FlowResult& result, StageClock& clock) {
  const FlowOptions& options = parts.options;
  FlowStats& stats = result.stats;
  Prepared prepared = parts.denoiser.prepare(input.conditions, input.unconditional, nn::Graph::kKept,
                                             /*with_reference=*/true, &clock);

  std::vector<at::Tensor> states;
  const at::Tensor x0 = roll_out(parts.denoiser, parts.schedule, prepared, input.noise_BCTHW,
                                 diffusion::single_steps(0, options.steps),
                                 [&](const at::Tensor& x, const diffusion::Move&) { states.push_back(x); });
  clock.lap("rollout");
  static_cast<Judgement&>(result) =
      parts.scorer.pull(x0, input.samples, at::ones({x0.size(0)}, x0.options()), parts.network, clock);
  stats.saturation = result.saturation;
  stats.out_of_range = result.out_of_range;
  parts.parking.begin(parts.network, clock);
  const at::Tensor g = limited(result.d_x0, guide_norms, stats.guide_norms);

  const std::vector<int64_t> steps = matched_steps(options, input.update);
  const auto branches = static_cast<double>(parts.denoiser.branch_count());
  const double weight = -gradient_scale / static_cast<double>(steps.size()) / branches;
  double loss_sum = 0;
  for (const int64_t k : steps) {
    const at::Tensor& x = states[static_cast<size_t>(k)];
    const double timestep = parts.schedule.timesteps[k],
                 eta = 1 - static_cast<double>(parts.schedule.sigmas[k]);
    // Each branch against its own base: w + (1 - w) = 1, so the guided velocity moves by the same.
    for (const Which which : parts.denoiser.calls(/*each=*/true)) {
      stop_if_interrupted();
      const at::NoGradGuard no_graph;
      const Branches base = parts.denoiser.branches(x, timestep, prepared, which, {Take::kReference});
      Stage velocity =
          parts.denoiser.velocity_stage(x, timestep, prepared, which, Take::kAsTheyStand, Recompute::kNone,
                                        options.recompute == Recompute::kBlock);
      const Stage::Tensors v = velocity.forward({});  // its state is a constant
      const auto pulled = [&](const at::Tensor& own, const at::Tensor& base_v) {
        if (!own.defined()) return own;
        const at::Tensor off = own.detach() - (base_v - options.matching.beta * eta * g);
        loss_sum += off.square().sum().item<double>() / branches;
        return off * (2 * weight);
      };
      const Branches d_v{pulled(v[0], base.conditional), pulled(v[1], base.unconditional)};
      parts.denoiser.pull(velocity, d_v, prepared);
    }
  }
  prepared.pull();
  clock.lap("pull_steps");
  stats.penalty = loss_sum / static_cast<double>(steps.size()) / static_cast<double>(input.samples.size());
  stats.d_frames_norm = result.d_frames.defined() ? result.d_frames.norm().item<double>() : 0;
  stats.d_x0_norm = result.d_x0.norm().item<double>();
}

}  // namespace drf::flow
