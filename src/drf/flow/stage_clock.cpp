#include "drf/flow/stage_clock.h"

#include <utility>

#include "drf/base/error.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/kernel_trace.h"

namespace drf::flow {

StageClock::StageClock(std::map<std::string, StageCost>& costs, MemoryMeter* meter,
                       std::function<void()> wait)
    : costs_(costs), meter_(meter), wait_(std::move(wait)) {
  wait_();
  last_ = std::chrono::steady_clock::now();
  if (meter_) begin_again();
}

void StageClock::lap(const char* stage) {
  wait_();
  mark_in_trace(concat("end of ", stage));
  const auto now = std::chrono::steady_clock::now();
  StageCost& cost = costs_[stage];
  cost.seconds += std::chrono::duration<double>(now - last_).count();
  cost.flops += std::exchange(flops_, 0);
  cost.generator_forwards += std::exchange(generator_forwards_, 0);
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

void StageClock::begin_again() {
  meter_->reset_peak();
  begin_bytes_ = meter_->live();
}

void StageClock::count(const models::Flops& call, bool pulled) {
  if (!again_) flops_ += call.forward();
  if (pulled) to_pull_ += call.input_gradient();
}

void StageClock::count_generator(int64_t clips) {
  if (!again_) generator_forwards_ += clips;
}

StageClock::Run::Run(StageClock& clock, bool again)
    : clock_(clock),
      again_before_(std::exchange(clock.again_, again)),
      to_pull_before_(std::exchange(clock.to_pull_, 0)) {}

StageClock::Run::~Run() {
  clock_.again_ = again_before_;
  clock_.to_pull_ = to_pull_before_;
}

}  // namespace drf::flow
