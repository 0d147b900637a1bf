#include "drf/objectives/sde_rollout.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <set>
#include <utility>

#include "drf/base/interrupt.h"
#include "drf/diffusion/sampler.h"
#include "drf/diffusion/sde_step.h"
#include "drf/flow/rollout.h"

namespace drf::objectives {

at::Tensor SdeRollout::state(size_t k, const at::Tensor& like) const { return from_host(states.at(k), like); }

SdeRollout roll_out_sde(const flow::Parts& parts, const flow::Batch& batch, const at::Tensor& start,
                        const std::vector<rewards::Sample>& keys, double noise) {
  const at::NoGradGuard no_graph;
  SdeRollout rollout;
  flow::StageClock clock = flow::clock_of(parts, rollout.costs);
  parts.parking.begin(parts.network(0), clock);
  const flow::Prepared prepared = parts.denoiser.prepare(batch.conditions, batch.unconditional,
                                                         nn::Graph::kNone, /*with_reference=*/false, &clock);
  at::Tensor x = start;
  const int64_t last = parts.schedule.steps() - 1;
  std::set<std::pair<size_t, int64_t>> walked;  // of a dry run: the first of each kind stands for all
  for (int64_t k = 0; k < last; ++k) {
    stop_if_interrupted();
    rollout.states.push_back(to_host(x));
    const double t = parts.schedule.timesteps[k];
    if (x.is_meta() && !walked.emplace(parts.denoiser.component(t), parts.denoiser.branch_count(t)).second) {
      x = at::empty_like(x);
      rollout.log_density.insert(rollout.log_density.end(), static_cast<size_t>(x.size(0)), 0.0);
      continue;
    }
    const diffusion::SdeStep step = diffusion::sde_step(parts.schedule, k, noise);
    const at::Tensor mean = step.mean(x, parts.denoiser.velocity(x, t, prepared));
    x = mean + std::sqrt(step.variance) * parts.noise.step(keys, k);
    for (const double density : numbers(step.log_density_B(x, mean))) rollout.log_density.push_back(density);
  }
  rollout.states.push_back(to_host(x));
  x = flow::roll_out(parts, prepared, x, diffusion::single_steps(last, last + 1));
  clock.lap("rollout");
  rollout.judgement = values_of(parts.scorer.values(x, batch.samples, clock));
  return rollout;
}

}  // namespace drf::objectives
