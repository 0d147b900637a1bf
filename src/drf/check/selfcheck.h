#pragma once
// Whether the gradient that training would use is what it should be, on the user's own models: finite
// differences of the reward at four places on its way, what it reaches, what is saturated, and how much of it
// the models' dtype keeps.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drf/run/run.h"

namespace drf::check {

enum class Verdict { kPass, kFail, kNote };

/// One line of the table.
struct CheckRow {
  std::string check;
  Verdict verdict = Verdict::kPass;
  std::string found;   ///< what was measured
  std::string remedy;  ///< what to do, or what it means; empty for a pass
};
using OnRow = std::function<void(const CheckRow&)>;

/// What is checked: one clip. The adapters' trained values are the same afterwards, their gradients are gone.
struct CheckedFlow {
  models::Denoiser& denoiser;
  const nn::TrainableSet& trained;  ///< of the denoiser
  models::Decoder* decoder;
  std::vector<flow::Term> rewards;  ///< whose gradient is that of their value
  run::RunConfig config;            ///< resolved
  flow::Noise noise;
  flow::Batch batch;                  ///< of one clip
  at::ScalarType dtype = at::kFloat;  ///< the narrowest of the models: sets steps and tolerances
  std::vector<std::shared_ptr<rewards::Reward>> owned{};  ///< those of `rewards` that were made for this
  std::vector<nn::SigmaMax> sigma_max{};  ///< where each network's adapters compute; empty: at every level
};

/// The run's flow on prompt `prompt` of its training set.
CheckedFlow checked_flow(run::Run& run, int64_t prompt);

/// A gradient and what it belongs to, as float64 on the CPU.
struct GradientSample {
  double reward = 0;
  std::vector<at::Tensor> adapters, gradients;  ///< in the parameters' order
};

/// All checks of one flow, a row each as it is known. Left out of the reward meanwhile: the anchor, focus,
/// odds, flow.rescale, and all draws but one of policy low_variance. Fresh adapters (B = 0) have no gradient
/// in A: their B is moved for the checks and put back.
GradientSample check_flow(const CheckedFlow& checked, const OnRow& on_row);

/// The gradient of another dtype's flow at `like`'s adapters, which are put back.
GradientSample gradient_at(const CheckedFlow& checked, const GradientSample& like);

/// Compares them: `own` was formed in `dtype`, `wide` in a wider one.
void check_agreement(const GradientSample& own, const GradientSample& wide, at::ScalarType dtype,
                     const OnRow& on_row);

}  // namespace drf::check
