#pragma once
// How much of what the device could multiply an update used: operations on paper over those that matrix
// products would have done in the same time.

#include <c10/core/Device.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "drf/flow/stage_clock.h"
#include "drf/run/config.h"
#include "drf/train/checkpoint_schedule.h"

namespace drf::train {

/// Operations a second in matrix products of the types that stages compute in, each measured when it is first
/// asked for, which takes about a second and some hundred MiB of the device.
class PeakRates {
 public:
  PeakRates(const run::RunConfig& config, at::Device device);
  /// Of one of flow::stage_names(). The decoder's is that of its convolutions: TF32 where they take it.
  double of(const std::string& stage);
  /// Of the generator's type.
  double generator() { return rate(generator_, /*tf32=*/false); }

 private:
  double rate(at::ScalarType dtype, bool tf32);

  at::Device device_;
  at::ScalarType generator_, decoder_, rewards_;
  std::map<std::pair<at::ScalarType, bool>, double> rates_;
};

/// Seconds that the useful operations (models/flops.h) of all stages would have taken as matrix products,
/// over `seconds`. 0 where none are counted.
double share_of_peak(const std::map<std::string, flow::StageCost>& costs, double seconds, PeakRates& rates);

/// The same of a run's updates, from its tenth second on: measuring rates would be most of a shorter run.
class PeakWatch {
 public:
  PeakWatch(PeakRates rates, Seconds clock) : rates_(std::move(rates)), clock_(std::move(clock)) {}
  /// Nothing before, where no operations are counted, and where the device has no room to measure.
  std::optional<double> share(const std::map<std::string, flow::StageCost>& costs, double seconds);

 private:
  PeakRates rates_;
  Seconds clock_;
  double begun_ = clock_();
  bool no_room_ = false;
};

}  // namespace drf::train
