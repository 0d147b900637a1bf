#include "drf/flow/reward_flow.h"

#include <ATen/ATen.h>

#include "drf/flow/rollout.h"
#include "drf/tensor/machine.h"

namespace drf::flow {
namespace {

std::function<void()> wait_for_device(const FlowInput& input) {
  return [device = input.noise_BCTHW.device()] { wait_for(device); };
}

std::vector<nn::Residence*> networks(models::Denoiser& denoiser, const std::vector<Term>& rewards) {
  std::vector<nn::Residence*> all{denoiser.residence()};
  for (const Term& term : rewards) all.push_back(term.reward->residence());
  return all;
}

}  // namespace

RewardFlow::RewardFlow(models::Denoiser& denoiser, const nn::TrainableSet& trained, models::Decoder* decoder,
                       std::vector<Term> rewards, const FlowOptions& options)
    : options_(options),
      schedule_(denoiser.schedule({options.levels, options.steps, options.shift})),
      policy_(diffusion::make_step_policy(options.policy, options.steps)),
      denoiser_(denoiser, trained, options.guidance),
      network_(denoiser.residence()),
      parking_(networks(denoiser, rewards), options.park),
      scorer_(decoder, std::move(rewards), {options.recompute, options.out_of_range}, parking_),
      guide_norms_(options.matching.quantile) {}

std::vector<diffusion::StepWarning> RewardFlow::step_warnings() const {
  return diffusion::step_warnings(schedule_, options_.rule == Rule::kMatching ? nullptr : policy_.get());
}

at::Tensor RewardFlow::sample(const FlowInput& input, StageClock* clock) const {
  const at::NoGradGuard no_graph;
  const Prepared prepared = denoiser_.prepare(input.conditions, input.unconditional, nn::Graph::kNone,
                                              /*with_reference=*/false, clock);
  return roll_out(denoiser_, schedule_, prepared, input.noise_BCTHW,
                  diffusion::single_steps(0, options_.steps));
}

FlowResult RewardFlow::evaluate(const FlowInput& input, Pixels pixels) const {
  FlowResult result;
  StageClock clock(result.stats.costs, meter_, wait_for_device(input));
  parking_.begin(network_, clock);
  const at::Tensor x0 = sample(input, &clock);
  clock.lap("rollout");
  static_cast<Judgement&>(result) = scorer_.score(x0, input.samples, pixels, clock);
  result.stats.saturation = result.saturation;
  return result;
}

FlowResult RewardFlow::run(const FlowInput& input, double gradient_scale) {
  const FlowParts parts{denoiser_, scorer_, parking_, network_, schedule_, options_};
  FlowResult result;
  StageClock clock(result.stats.costs, meter_, wait_for_device(input));
  parking_.begin(network_, clock);
  if (options_.rule == Rule::kMatching) {
    run_matching(parts, input, gradient_scale, guide_norms_, result, clock);
  } else {
    run_adjoint(parts, policy_->walk(input.update), input, gradient_scale, result, clock);
  }
  return result;
}

}  // namespace drf::flow
