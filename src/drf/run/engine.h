#pragma once
// What clips are made, judged and learnt from with: one configuration's parts on models that are open.

#include <memory>
#include <vector>

#include "drf/diffusion/step_policy.h"
#include "drf/flow/parts.h"
#include "drf/objectives/objective.h"
#include "drf/run/config.h"

namespace drf::run {

class Engine {
 public:
  /// The models must outlive it; `trained`: what of the denoiser gets gradient; `sigma_max`: where each
  /// network's adapters compute, empty: at every level; `decoder` may be null where
  /// no reward sees frames. What `config` leaves to the planner is decided. Throws Error(kConfig) for what is
  /// out of range.
  Engine(const RunConfig& config, models::Denoiser& denoiser, const nn::TrainableSet& trained,
         const std::vector<nn::SigmaMax>& sigma_max, models::Decoder* decoder,
         std::vector<flow::Term> rewards, flow::Noise noise, MemoryMeter* meter);
  Engine(const Engine&) = delete;  // its parts refer to each other
  Engine& operator=(const Engine&) = delete;

  const flow::Parts& parts() const { return parts_; }
  objectives::Objective& objective() { return *objective_; }

 private:
  diffusion::Schedule schedule_;
  flow::GuidedDenoiser denoiser_;
  flow::Parking parking_;
  flow::Scorer scorer_;
  flow::Noise noise_;
  flow::Parts parts_;
  std::unique_ptr<objectives::Objective> objective_;
};

/// What the configuration says of the steps that train.
diffusion::StepPolicyOptions step_policy(const RunConfig& config);

/// Where each network's adapters compute by lora.steps: below half the way from the first step that trains to
/// the one before, so that other samplers' levels fall on the same side. Throws Error(kConfig) where
/// "trained" would be all.
std::vector<nn::SigmaMax> adapters_compute(const RunConfig& config, models::Denoiser& denoiser);

/// For each of the denoiser's networks whether a step that may train is its own.
std::vector<bool> trained_networks(const RunConfig& config, models::Denoiser& denoiser);

}  // namespace drf::run
