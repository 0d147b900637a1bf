#pragma once
// Which of a denoiser's networks the steps of a rollout are: what trains, and what never does.

#include <string>
#include <vector>

#include "drf/diffusion/schedule.h"
#include "drf/diffusion/step_policy.h"
#include "drf/diffusion/step_sizes.h"
#include "drf/flow/parts.h"
#include "drf/models/denoiser.h"
#include "drf/nn/lora_file.h"

namespace drf::flow {

/// For each of denoiser.components() whether a step that may train is its own. `policy` null: every step
/// trains.
std::vector<bool> trained_networks(models::Denoiser& denoiser, const diffusion::Schedule& schedule,
                                   const diffusion::StepPolicy* policy);

/// As GuidedDenoiser takes it, from the level of noise below which each network's adapters compute; empty
/// where all compute at every step of `schedule`. Throws Error(kConfig) for adapters that would compute at
/// none.
std::vector<double> trained_until(models::Denoiser& denoiser, const diffusion::Schedule& schedule,
                                  const std::vector<nn::SigmaMax>& sigma_max);

/// What is to be said of networks that no step trains; nothing where all are trained. `policy` as above;
/// `chosen_by`: its name, or "policy_gradient" for that rule, which chooses by itself: the remedy is what
/// changes its choice.
std::vector<diffusion::StepWarning> network_warnings(models::Denoiser& denoiser,
                                                     const diffusion::Schedule& schedule,
                                                     const diffusion::StepPolicy* policy,
                                                     const std::string& chosen_by);

/// Of an objective whose steps `policy` chooses: of their sizes (diffusion/step_sizes.h), and the above.
std::vector<diffusion::StepWarning> step_warnings(const Parts& parts, const diffusion::StepPolicy* policy,
                                                  const std::string& chosen_by);

}  // namespace drf::flow
