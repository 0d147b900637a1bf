#pragma once
// When a checkpoint is due: after so many updates, or so many minutes after the last one, whichever comes
// first.

#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>

namespace drf::train {

/// Seconds of a clock that never goes back.
using Seconds = std::function<double()>;

inline double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class CheckpointSchedule {
 public:
  /// `every` updates and `minutes` as train.checkpoint_every and train.checkpoint_minutes: 0 = never.
  CheckpointSchedule(int64_t every, double minutes, Seconds clock)
      : every_(every), minutes_(minutes), clock_(std::move(clock)), last_(clock_()) {}

  /// Whether the state after `update` updates is to be saved.
  bool due(int64_t update) const {
    return (every_ > 0 && update % every_ == 0) || (minutes_ > 0 && clock_() - last_ >= 60 * minutes_);
  }
  /// Minutes count from here.
  void saved() { last_ = clock_(); }

 private:
  int64_t every_;
  double minutes_;
  Seconds clock_;
  double last_;
};

}  // namespace drf::train
