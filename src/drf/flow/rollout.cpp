#include "drf/flow/rollout.h"

#include <ATen/ATen.h>

#include <set>
#include <tuple>

#include "drf/base/interrupt.h"
#include "drf/diffusion/sampler.h"
#include "drf/tensor/machine.h"

namespace drf::flow {

StageClock clock_of(const Parts& parts, std::map<std::string, StageCost>& costs) {
  return {costs, parts.meter, [device = parts.noise.options().device()] { wait_for(device); }};
}

at::Tensor roll_out(const Parts& parts, const Prepared& prepared, at::Tensor x,
                    const std::vector<diffusion::Move>& moves, const OnMove& visit,
                    const OnVelocities& seen) {
  const at::NoGradGuard no_graph;
  std::set<std::tuple<size_t, int64_t, bool>>
      walked;  // networks, with the branches they had, and trained or not
  for (const diffusion::Move& move : moves) {
    stop_if_interrupted();
    if (visit) visit(x, move);
    const double t = parts.schedule.timesteps[move.from];
    const flow::GuidedDenoiser& denoiser = parts.denoiser;
    if (x.is_meta() &&
        !walked.emplace(denoiser.component(t), denoiser.branch_count(t), denoiser.is_trained(t)).second) {
      x = at::empty_like(x);
      if (seen)
        seen({at::empty_like(x), denoiser.branch_count(t) == 2 ? at::empty_like(x) : at::Tensor()}, move);
      continue;
    }
    const Branches v = denoiser.all_branches(x, t, prepared);
    x = diffusion::euler_step(parts.schedule, x, denoiser.guided(v, t), move.from, move.to);
    if (seen) seen(v, move);
  }
  return x;
}

at::Tensor sample(const Parts& parts, const Batch& batch, StageClock* clock, const OnMove& visit) {
  const at::NoGradGuard no_graph;
  const Prepared prepared = parts.denoiser.prepare(batch.conditions, batch.unconditional, nn::Graph::kNone,
                                                   /*with_reference=*/false, clock);
  return roll_out(parts, prepared, batch.noise_BCTHW, diffusion::single_steps(0, parts.schedule.steps()),
                  visit);
}

Evaluated evaluate(const Parts& parts, const Batch& batch, Pixels pixels, const OnMove& visit) {
  Evaluated result;
  StageClock clock = clock_of(parts, result.costs);
  parts.parking.begin(parts.network(0), clock);
  const at::Tensor x0 = sample(parts, batch, &clock, visit);
  clock.lap("rollout");
  result.judgement = parts.scorer.score(x0, batch.samples, pixels, clock);
  return result;
}

}  // namespace drf::flow
