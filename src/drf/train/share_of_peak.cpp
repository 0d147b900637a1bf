#include "drf/train/share_of_peak.h"

#include <ATen/Context.h>
#include <c10/util/Exception.h>

#include "drf/tensor/machine.h"

namespace drf::train {

PeakRates::PeakRates(const run::RunConfig& config, at::Device device)
    : device_(device),
      generator_(run::scalar_type(config.generator.dtype, "generator.dtype")),
      decoder_(generator_ == at::kDouble ? at::kDouble : at::kFloat),
      rewards_(run::scalar_type(config.reward_dtype(), "critic.dtype")) {}

double PeakRates::rate(at::ScalarType dtype, bool tf32) {
  const auto found = rates_.find({dtype, tf32});
  if (found != rates_.end()) return found->second;
  return rates_[{dtype, tf32}] = matmul_rate(device_, dtype, tf32);
}

double PeakRates::of(const std::string& stage) {
  if (stage == "decode" || stage == "pull_decode") {
    return rate(decoder_,
                device_.is_cuda() && decoder_ == at::kFloat && at::globalContext().allowTF32CuDNN());
  }
  return rate(stage == "critic" || stage == "pull_critic" ? rewards_ : generator_, /*tf32=*/false);
}

double share_of_peak(const std::map<std::string, flow::StageCost>& costs, double seconds, PeakRates& rates) {
  double at_peak = 0;
  for (const auto& [stage, cost] : costs)
    if (cost.flops > 0) at_peak += cost.flops / rates.of(stage);
  return seconds > 0 ? at_peak / seconds : 0;
}

std::optional<double> PeakWatch::share(const std::map<std::string, flow::StageCost>& costs, double seconds) {
  constexpr double kSeconds = 10;
  if (no_room_ || clock_() - begun_ < kSeconds) return std::nullopt;
  try {
    const double share = share_of_peak(costs, seconds, rates_);
    return share > 0 ? std::optional(share) : std::nullopt;
  } catch (const c10::Error&) {  // out of memory: a run that just fits
    no_room_ = true;
    return std::nullopt;
  }
}

}  // namespace drf::train
