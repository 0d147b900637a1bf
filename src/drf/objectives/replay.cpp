#include "drf/objectives/replay.h"

#include <ATen/ATen.h>

#include "drf/base/interrupt.h"
#include "drf/diffusion/sampler.h"

namespace drf::objectives {

at::Tensor Replay::walk(const flow::Batch& batch, at::Tensor x, const std::vector<at::Tensor>& values,
                        const Held* held, Held* seen) const {
  const at::NoGradGuard no_graph;
  const flow::GuidedDenoiser& denoiser = parts_.denoiser;
  const nn::TrainableSet& trained = denoiser.trained();
  const std::vector<at::Tensor> standing = trained.standing(nn::TrainableSet::Take::kDetached);
  const auto taken = [&](bool trains) { return trained.with(trains && !values.empty() ? values : standing); };
  // Each is read at the first move that asks for it, with what is trained as that move takes it.
  const flow::Prepared constant = denoiser.prepare(batch.conditions, batch.unconditional),
                       variable = denoiser.prepare(batch.conditions, batch.unconditional);
  size_t i = 0;
  const diffusion::Walk way = policy_.walk(batch.update);
  parts_.parking.begin(parts_.network(way.gradient.front().from));
  for (const diffusion::Move& move : way.gradient) {
    stop_if_interrupted();
    const auto now = taken(move.trains);
    const flow::Prepared& prompts = move.trains ? variable : constant;
    const double timestep = parts_.schedule.timesteps[move.from];
    const double nested = held ? way.nested(move, nested_) : 1;
    const at::Tensor at = nested == 1 ? x : held->states.at(i) + nested * (x - held->states.at(i));
    const auto conditional_velocity = [&] {
      return denoiser.branches(at, timestep, prompts, flow::Which::kConditional).conditional;
    };
    const bool holds_rest = denoiser.holds_guidance();
    const at::Tensor v = held && holds_rest ? conditional_velocity() + held->rest.at(i)
                                            : denoiser.velocity(at, timestep, prompts);
    if (seen) {
      seen->states.push_back(x);
      if (holds_rest) seen->rest.push_back(v - conditional_velocity());
    }
    x = diffusion::euler_step(parts_.schedule, x, v, move.from, move.to);
    ++i;
  }
  return x;
}

Held Replay::held_from(const flow::Batch& batch, const at::Tensor& x_K) const {
  Held held;
  walk(batch, x_K, {}, nullptr, &held);
  return held;
}

}  // namespace drf::objectives
