#pragma once
// Whether the reward that is trained on still means what it should: it rises while what is never trained on,
// a judge above all, falls. A test of trend, at a level that is stated; never a size by eye: each of the n
// validations at kWatchedLevel / n (Bonferroni), so this is a bound where the measure's noise is independent
// from one validation to the next.

#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "drf/tensor/state.h"
#include "drf/train/watched.h"

namespace drf::train {

/// Looks at each measure after its best validation (the first best one; the base model's value counts as one
/// before all others), and at all its validations, each at half the level; where the base model is the best
/// these are the same, at the level. Under no trend every order of them is alike, whatever came before. The
/// first tells soonest of a fall that goes on, the second of one that has ended in a level below. An alarm
/// where over the same validations they fall, with a chance (trend.h) of at most that, and either the
/// training reward or the held-out reward rises, with a chance of at most the level. `n` falling in a row
/// after the best are enough where 1 / n! is. Validations are of the same prompts and noise, so that what
/// drifts by next to nothing does so in order: whether others would see it too, `prompts_say_lower` tells.
/// Each measure has a series of its own: a validation in which it is missing or not finite is passed over for
/// it alone.
class TrendGuard {
 public:
  TrendGuard(std::vector<Watched> watched, int64_t validations);

  /// What a validation is measured on: values of another setup are forgotten.
  void begin(const std::string& setup);
  /// The base model's values, as far as they are known.
  void start_from(std::map<std::string, double> base) { base_ = std::move(base); }
  /// An update's reward, before the update.
  void learn(double reward);
  /// A validation: adds "alarm/MEASURE": 1 to its line, and says so in the log when that begins. Returns
  /// whether one that stops a run is alarmed. prompts_say_lower(measure): what prompt by prompt is known of
  /// it (LevelGuard); where it is false there is no alarm.
  bool watch(nlohmann::ordered_json& row, const std::function<bool(const std::string&)>& prompts_say_lower);
  void state(StateVisitor& v);

 private:
  struct Series {
    std::vector<double> gathered;   // the training reward since the last value: sum, count
    std::vector<double> meanwhile;  // its mean before each value
    std::vector<double> held_out;   // the held-out reward at each value; where it is missing that of before
    std::vector<double> values;
    bool alarmed = false;
  };
  /// What to say of a fall over the values from `begin` on; empty: there is none at `level`.
  std::string fall(const Watched& watched, const Series& series, size_t begin, double level) const;
  bool test(const Watched& watched, Series& series,
            const std::function<bool(const std::string&)>& prompts_say_lower) const;

  std::vector<Watched> watched_;
  double level_;
  std::string setup_;
  std::map<std::string, double> base_;
  std::map<std::string, Series> series_;  // by measure
};

}  // namespace drf::train
