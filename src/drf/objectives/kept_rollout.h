#pragma once
// A rollout that several updates go on with (flow.reuse): what is kept of it from one to the next, a T a
// batch of an update, and when it is given up.

#include <ATen/core/Tensor.h>

#include <utility>
#include <vector>

#include "drf/flow/batch.h"
#include "drf/flow/noise.h"
#include "drf/tensor/state.h"

namespace drf::objectives {

template <typename T>
class KeptRollout {
 public:
  /// `reuse` updates share a rollout.
  explicit KeptRollout(int64_t reuse) : reuse_(reuse) {}

  /// Whether the update after `updates` of them goes on with a rollout.
  bool goes_on(int64_t updates) const { return updates % reuse_ != 0; }
  /// Whether there is one to go on with; else the update under way rolls out.
  bool is_there() const { return !kept_.empty(); }
  /// What is kept of the rollout, or, where there is none, was made in the update under way.
  std::vector<T>& batches() { return kept_.empty() ? fresh_ : kept_; }
  const std::vector<T>& kept() const { return kept_; }

  /// The first batch of an update: what an update that was broken off made is forgotten.
  void begin_update() { fresh_.clear(); }
  T& add(T fresh) { return fresh_.emplace_back(std::move(fresh)); }

  /// By whom noise is keyed: after a rollout was given up its prompts come again, with other noise.
  std::vector<rewards::Sample> keys(const flow::Batch& batch) const {
    std::vector<rewards::Sample> keys = batch.samples;
    for (rewards::Sample& key : keys) key.draw += dropped_ << 16;
    return keys;
  }
  /// Where the rollout of a batch starts.
  at::Tensor start(const flow::Batch& batch, const flow::Noise& noise) const {
    return dropped_ > 0 ? noise.start(keys(batch), Purpose::kNoise) : batch.noise_BCTHW;
  }

  /// As Objective's, of update number `update`.
  void commit(int64_t update, bool skipped) {
    std::vector<T> fresh = std::exchange(fresh_, {});
    if (!goes_on(update + 1)) {
      kept_.clear();
      dropped_ = 0;
    } else if (skipped) {  // clips that gave values that are not finite would give them again
      kept_.clear();
      ++dropped_;
    } else if (!fresh.empty()) {
      kept_ = std::move(fresh);
    }
  }
  bool forget() {
    if (kept_.empty()) return false;
    kept_.clear();
    ++dropped_;
    return true;
  }

  /// How many were given up. The rollout itself is its owner's to visit, and to hand back.
  void state(StateVisitor& v) {
    v("dropped_rollouts", dropped_, 0);
    if (v.reads() && (dropped_ < 0 || dropped_ >= (1 << 15)))
      v.reject("dropped_rollouts", "is no count of rollouts given up; the file was edited");
  }
  /// Of a checkpoint after `updates` updates: whether it must hold a rollout. `any`: whether it holds part of
  /// one.
  bool wants(int64_t updates, bool any) const { return goes_on(updates) && (any || dropped_ == 0); }
  void put_back(std::vector<T> kept) { kept_ = std::move(kept); }

 private:
  int64_t reuse_;
  std::vector<T> kept_;   // of the rollout that updates go on with; empty: the next one rolls out
  std::vector<T> fresh_;  // of the update under way
  /// Rollouts given up since the last update that had to roll out.
  int64_t dropped_ = 0;
};

}  // namespace drf::objectives
