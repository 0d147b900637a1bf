#pragma once
// Books time and memory on stages as a flow walks through them.

#include <chrono>

#include "drf/flow/flow_types.h"
#include "drf/tensor/memory_meter.h"

namespace drf::flow {

class StageClock {
 public:
  /// Adds to `costs`; `meter` may be null (peaks stay 0) and is reset at each lap.
  StageClock(std::map<std::string, StageCost>& costs, MemoryMeter* meter) : costs_(costs), meter_(meter) {
    if (meter_) begin_again();
  }
  /// What happened since the last lap was `stage`.
  void lap(const char* stage) {
    const auto now = std::chrono::steady_clock::now();
    StageCost& cost = costs_[stage];
    cost.seconds += std::chrono::duration<double>(now - last_).count();
    last_ = now;
    if (!meter_) return;
    if (meter_->peak() > cost.peak_bytes) {
      cost.peak_bytes = meter_->peak();
      cost.begin_bytes = begin_bytes_;
    }
    begin_again();
  }

 private:
  void begin_again() {
    meter_->reset_peak();
    begin_bytes_ = meter_->live();
  }

  std::map<std::string, StageCost>& costs_;
  MemoryMeter* meter_;
  int64_t begin_bytes_ = 0;
  std::chrono::steady_clock::time_point last_ = std::chrono::steady_clock::now();
};

}  // namespace drf::flow
