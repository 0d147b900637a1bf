#pragma once
// Books time, memory and operations on stages as a pass walks through them.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "drf/models/flops.h"
#include "drf/tensor/memory_meter.h"

namespace drf::flow {

/// What one stage took.
struct StageCost {
  double seconds = 0;
  int64_t peak_bytes = 0;   ///< in use at the worst moment, weights included where the meter saw them loaded
  int64_t begin_bytes = 0;  ///< in use when the stage with that moment began
  int64_t weights_allocated = 0,
          weights_mapped = 0;  ///< in a dry run: the weights that were there (dry_run.h)
  /// Useful operations on paper (models/flops.h): each call of a model once, its pull once. What
  /// recomputation runs again counts nothing.
  double flops = 0;
  int64_t generator_forwards =
      0;  ///< clips through the generator, each branch of guidance one; as flops is counted
};

/// The stages in the order they run. Beside them, where networks are parked: "park", what moving them took.
inline const std::vector<const char*>& stage_names() {
  static const std::vector<const char*> names = {"rollout",     "decode",      "critic",
                                                 "pull_critic", "pull_decode", "pull_steps"};
  return names;
}

/// One a pass.
class StageClock {
 public:
  /// Adds to `costs`; `meter` may be null (peaks stay 0) and is reset at each lap. `wait` returns when the
  /// device has done what was asked of it: a GPU works on long after it was told to, and a stage would pay
  /// for the one before.
  StageClock(std::map<std::string, StageCost>& costs, MemoryMeter* meter, std::function<void()> wait);
  /// What happened since the last lap was `stage`.
  void lap(const char* stage);

  /// A model was called. `pulled`: with a graph, so that a pull of it counts too.
  void count(const models::Flops& call, bool pulled);
  /// The generator was called, of as many clips.
  void count_generator(int64_t clips);
  /// And a pull of it gives its weights' gradients.
  void count_weights(const models::Flops& call) { to_pull_ += call.weight_gradient(); }

  /// Of a Stage: calls are collected from here on, their pulls to be booked when they happen.
  class Run {
   public:
    /// `again`: what is called was counted before.
    Run(StageClock& clock, bool again);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    double pull_flops() const { return clock_.to_pull_; }

   private:
    StageClock& clock_;
    bool again_before_;
    double to_pull_before_;
  };
  /// They were pulled.
  void count_pull(double flops) { flops_ += flops; }

 private:
  void begin_again();

  std::map<std::string, StageCost>& costs_;
  MemoryMeter* meter_;
  std::function<void()> wait_;
  int64_t begin_bytes_ = 0;
  double flops_ = 0, to_pull_ = 0;
  int64_t generator_forwards_ = 0;
  bool again_ = false;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace drf::flow
