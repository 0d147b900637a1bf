#include "drf/flow/networks.h"

#include <algorithm>
#include <limits>

#include "drf/base/error.h"

namespace drf::flow {
namespace {

// What would have `step` train, of `steps` of which those that do are chosen by `chosen_by`.
std::string what_reaches(int64_t step, int64_t steps, const std::string& chosen_by) {
  if (chosen_by == "policy_gradient") return "all steps but the last train: more of them (sampling.steps)";
  if (chosen_by == "list") return concat("step ", step, " in flow.steps");
  const std::string K = concat("flow.K = ", steps - step);
  return chosen_by == "last" ? K : concat("flow.policy = \"last\" with ", K);
}

}  // namespace

std::vector<bool> trained_networks(models::Denoiser& denoiser, const diffusion::Schedule& schedule,
                                   const diffusion::StepPolicy* policy) {
  std::vector<bool> trained(denoiser.components().size(), false);
  const auto train = [&](int64_t step) {
    trained.at(denoiser.component(schedule.timesteps.at(static_cast<size_t>(step)))) = true;
  };
  if (policy) {
    for (const int64_t step : policy->may_train()) train(step);
  } else {
    for (int64_t step = 0; step < schedule.steps(); ++step) train(step);
  }
  return trained;
}

std::vector<double> trained_until(models::Denoiser& denoiser, const diffusion::Schedule& schedule,
                                  const std::vector<nn::SigmaMax>& sigma_max) {
  const std::vector<models::Component> components = denoiser.components();
  std::vector<double> until(components.size(), std::numeric_limits<double>::infinity());
  bool limits = false;
  for (size_t i = 0; i < sigma_max.size(); ++i) {
    if (!sigma_max[i]) continue;
    bool own = false;
    double lowest = 1, last = -1;  // sigma of its steps; timestep of the first that computes
    for (size_t step = 0; step < schedule.timesteps.size(); ++step) {
      const double t = schedule.timesteps[step];
      if (denoiser.component(t) != i) continue;
      own = true;
      lowest = schedule.sigmas[step];
      if (schedule.sigmas[step] < *sigma_max[i]) last = std::max(last, t);
    }
    if (!own) continue;
    if (last < 0) {
      fail(ErrorKind::kConfig, "the adapters of ", components.at(i).name, " compute below sigma ",
           *sigma_max[i], ", but the lowest of its steps is at ", lowest,
           ": take more steps, or those it was trained with");
    }
    until[i] = last;
    limits = true;
  }
  return limits ? until : std::vector<double>();
}

std::vector<diffusion::StepWarning> network_warnings(models::Denoiser& denoiser,
                                                     const diffusion::Schedule& schedule,
                                                     const diffusion::StepPolicy* policy,
                                                     const std::string& chosen_by) {
  const std::vector<models::Component> components = denoiser.components();
  const std::vector<bool> trained = trained_networks(denoiser, schedule, policy);
  std::vector<diffusion::StepWarning> warnings;
  for (size_t i = 0; i < components.size(); ++i) {
    if (trained[i]) continue;
    int64_t own = 0, last = -1;
    for (int64_t step = 0; step < schedule.steps(); ++step) {
      if (denoiser.component(schedule.timesteps[static_cast<size_t>(step)]) != i) continue;
      ++own;
      last = step;
    }
    const std::string& name = components[i].name;
    warnings.push_back({concat("no step that trains is one of ", name, ", which has ", own, " of ",
                               schedule.steps(), ": it learns nothing and gets no adapter file"),
                        own == 0 ? "other steps (sampling.steps, sampling.shift) would reach it"
                                 : concat(what_reaches(last, schedule.steps(), chosen_by),
                                          " would reach it; else all is well")});
  }
  return warnings;
}

std::vector<diffusion::StepWarning> step_warnings(const Parts& parts, const diffusion::StepPolicy* policy,
                                                  const std::string& chosen_by) {
  auto warnings = diffusion::step_warnings(parts.schedule, policy);
  for (auto& more : network_warnings(parts.denoiser.denoiser(), parts.schedule, policy, chosen_by))
    warnings.push_back(std::move(more));
  return warnings;
}

}  // namespace drf::flow
