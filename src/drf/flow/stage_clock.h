#pragma once
// Books time and memory on stages as a flow walks through them.

#include <algorithm>
#include <chrono>

#include "drf/flow/flow_types.h"
#include "drf/tensor/memory_meter.h"

namespace drf::flow {

class StageClock {
 public:
  /// Adds to `costs`; `meter` may be null (peaks stay 0) and is reset at each lap.
  StageClock(std::map<std::string, StageCost>& costs, MemoryMeter* meter) : costs_(costs), meter_(meter) {
    if (meter_) meter_->reset_peak();
  }
  /// What happened since the last lap was `stage`.
  void lap(const char* stage) {
    const auto now = std::chrono::steady_clock::now();
    StageCost& cost = costs_[stage];
    cost.seconds += std::chrono::duration<double>(now - last_).count();
    last_ = now;
    if (!meter_) return;
    cost.peak_bytes = std::max(cost.peak_bytes, meter_->peak());
    meter_->reset_peak();
  }

 private:
  std::map<std::string, StageCost>& costs_;
  MemoryMeter* meter_;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace drf::flow
