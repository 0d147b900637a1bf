#pragma once
// Books time and memory on stages as a flow walks through them.

#include <chrono>
#include <functional>

#include "drf/flow/flow_types.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/memory_meter.h"

namespace drf::flow {

class StageClock {
 public:
  /// Adds to `costs`; `meter` may be null (peaks stay 0) and is reset at each lap. `wait` returns when the
  /// device has done what was asked of it: a GPU works on long after it was told to, and a stage would pay
  /// for the one before.
  StageClock(std::map<std::string, StageCost>& costs, MemoryMeter* meter, std::function<void()> wait)
      : costs_(costs), meter_(meter), wait_(std::move(wait)) {
    wait_();
    last_ = std::chrono::steady_clock::now();
    if (meter_) begin_again();
  }
  /// What happened since the last lap was `stage`.
  void lap(const char* stage) {
    wait_();
    const auto now = std::chrono::steady_clock::now();
    StageCost& cost = costs_[stage];
    cost.seconds += std::chrono::duration<double>(now - last_).count();
    last_ = now;
    if (const DryRun* dry = DryRun::current()) {
      const DryRun::Weights weights = dry->weights_alive();
      cost.weights_allocated = weights.allocated;
      cost.weights_mapped = weights.mapped;
    }
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
  std::function<void()> wait_;
  int64_t begin_bytes_ = 0;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace drf::flow
