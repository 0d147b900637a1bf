#include "drf/run/engine.h"

#include <utility>

#include "drf/base/error.h"
#include "drf/flow/networks.h"
#include "drf/objectives/direct_backprop.h"
#include "drf/objectives/matching.h"
#include "drf/objectives/policy_gradient.h"

namespace drf::run {
namespace {

diffusion::ScheduleOptions schedule_options(const SamplingConfig& c) {
  return {diffusion::parse_euler_levels(c.schedule, "sampling.schedule"), c.steps, c.shift};
}

flow::Guidance guidance(const RunConfig& c) {
  return {diffusion::parse_guidance_gradient(c.flow.cfg_grad), c.flow.cfg_batch != "off"};
}

uint64_t policy_seed(const RunConfig& c) {
  return static_cast<uint64_t>(c.flow.seed >= 0 ? c.flow.seed : c.seed);
}

flow::Recompute recompute(const RunConfig& c) {
  if (c.flow.recompute == "none") return flow::Recompute::kNone;
  return c.flow.recompute == "stage" ? flow::Recompute::kStage : flow::Recompute::kBlock;
}

objectives::Eta eta(const MatchingConfig& c) {
  if (c.eta == "constant") return objectives::Eta::kConstant;
  return c.eta == "quad" ? objectives::Eta::kQuadratic : objectives::Eta::kLinear;
}

flow::Park park(const MemoryConfig& c) {
  if (c.park != "on") return flow::Park::kOff;
  return c.park_early ? flow::Park::kEarly : flow::Park::kOn;
}

flow::ScorerOptions scorer_options(const RunConfig& c) {
  return {recompute(c),
          c.reward.out_of_range,
          {c.robust.frames, c.robust.resolution, static_cast<uint64_t>(c.seed)},
          c.robust.pixels};
}

std::vector<nn::Residence*> networks(models::Denoiser& denoiser, const std::vector<flow::Term>& rewards) {
  std::vector<nn::Residence*> all;
  for (const models::Component& network : denoiser.components()) all.push_back(network.residence);
  for (const flow::Term& term : rewards) all.push_back(term.reward->residence());
  return all;
}

// Which objective a configuration asks for is asked here alone.
std::unique_ptr<objectives::Objective> open_objective(const RunConfig& c, const flow::Parts& parts) {
  if (c.flow.rule == "matching") {
    return std::make_unique<objectives::Matching>(
        parts,
        objectives::MatchingOptions{c.matching.beta, c.matching.quantile, c.matching.steps, policy_seed(c),
                                    recompute(c), c.matching.branches == "guided", eta(c.matching),
                                    c.matching.trust, c.flow.reuse, c.train.batch, c.train.accumulate});
  }
  if (c.flow.rule == "policy_gradient") {
    const PolicyGradientConfig& own = c.policy_gradient;
    return std::make_unique<objectives::PolicyGradient>(
        parts, objectives::PolicyGradientOptions{own.noise, own.clip, own.kl, recompute(c), c.flow.reuse,
                                                 c.train.batch, c.train.accumulate});
  }
  objectives::DirectBackpropOptions options;
  options.policy = step_policy(c);
  options.nested = c.flow.nested;
  options.rescale = c.flow.rescale;
  options.anchor = c.train.anchor;
  options.recompute = recompute(c);
  options.reuse = c.flow.reuse;
  options.keep_states = c.flow.rollouts > 0;
  options.batch = c.train.batch;
  options.accumulate = c.train.accumulate;
  return std::make_unique<objectives::DirectBackprop>(parts, options);
}

}  // namespace

diffusion::StepPolicyOptions step_policy(const RunConfig& c) {
  if (c.flow.rule == "policy_gradient") return objectives::noisy_steps(c.sampling.steps);
  return {c.flow.policy, c.flow.K,      c.flow.steps, c.flow.draws, policy_seed(c),
          c.flow.K_min,  c.flow.window, c.flow.bias,  c.flow.leap,  c.flow.nested_at == "one"};
}

Engine::Engine(const RunConfig& config, models::Denoiser& denoiser, const nn::TrainableSet& trained,
               const std::vector<nn::SigmaMax>& sigma_max, models::Decoder* decoder,
               std::vector<flow::Term> rewards, flow::Noise noise, MemoryMeter* meter)
    : schedule_(denoiser.schedule(schedule_options(config.sampling))),
      denoiser_(denoiser, trained, guidance(config), &parking_,
                flow::trained_until(denoiser, schedule_, sigma_max)),
      parking_(networks(denoiser, rewards), park(config.memory)),
      scorer_(decoder, std::move(rewards), scorer_options(config), parking_),
      noise_(std::move(noise)),
      parts_{denoiser_, scorer_, parking_, schedule_, noise_, meter},
      objective_(open_objective(config, parts_)) {}

std::vector<nn::SigmaMax> adapters_compute(const RunConfig& config, models::Denoiser& denoiser) {
  const size_t networks = denoiser.components().size();
  if (config.lora.steps == "all") return std::vector<nn::SigmaMax>(networks);
  const diffusion::Schedule schedule = denoiser.schedule(schedule_options(config.sampling));
  const auto refuse = [&](const auto&... why) {
    fail(ErrorKind::kConfig, "lora.steps is \"trained\", but ", why...,
         " trains all of them: set it to \"all\", or leave it out");
  };
  if (config.flow.rule != "adjoint") refuse("flow.rule = \"", config.flow.rule, "\"");
  const auto steps = diffusion::make_step_policy(step_policy(config), schedule.steps());
  const auto first = static_cast<size_t>(steps->may_train().front());
  if (first == 0) refuse("of ", schedule.steps(), " steps flow.policy = \"", config.flow.policy, "\"");
  const std::vector<bool> trains = flow::trained_networks(denoiser, schedule, steps.get());
  std::vector<nn::SigmaMax> below(networks);
  for (size_t i = 0; i < networks; ++i)
    if (trains[i]) below[i] = (schedule.sigmas.at(first - 1) + schedule.sigmas.at(first)) / 2.0;
  return below;
}

std::vector<bool> trained_networks(const RunConfig& config, models::Denoiser& denoiser) {
  const diffusion::Schedule schedule = denoiser.schedule(schedule_options(config.sampling));
  if (config.flow.rule == "matching") return flow::trained_networks(denoiser, schedule, nullptr);
  const auto steps = diffusion::make_step_policy(step_policy(config), schedule.steps());
  return flow::trained_networks(denoiser, schedule, steps.get());
}

}  // namespace drf::run
