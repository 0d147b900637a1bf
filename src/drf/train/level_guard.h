#pragma once
// Whether what is never trained on has fallen below the base model, or below its best, while the reward rose,
// whenever that was and whatever was between: prompt by prompt, since validations are of the same prompts and
// noise. The trend (trend_guard.h) needs many validations and little size; this needs one and many prompts.

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "drf/tensor/state.h"
#include "drf/train/prompt_means.h"
#include "drf/train/watched.h"

namespace drf::train {

/// The chance of a mean difference over prompts of at most that of these, if it were none: Student's t test
/// of pairs, one-sided. 1 where there are fewer than kFewestPrompts, or not the same, or one is not finite; 0
/// where every prompt fell by the same.
double chance_of_lower(const std::vector<double>& before, const std::vector<double>& after);
constexpr size_t kFewestPrompts = 5;

/// Each measure is compared with the base model's and with its best validation so far (by its mean over
/// prompts), each at half the level. An alarm where it is lower than one of them and the held-out reward, on
/// the same clips, higher with a chance of at most kWatchedLevel / n, n validations in the run. Lower: with a
/// chance of at most kWatchedLevel / 2 by the number of comparisons (Bonferroni), n with the base model,
/// which is the same in all, and n (n - 1) / 2 of two validations, since the best may be any of them. And by
/// as much as counts (watched.h). A run that is made longer on resume, or validated more often, is tested by
/// its new n from then on: what was spent before comes on top, up to another kWatchedLevel each time.
class LevelGuard {
 public:
  LevelGuard(std::vector<Watched> watched, int64_t validations);

  /// What a validation is measured on: values of another setup are forgotten.
  void begin(const std::string& setup);
  /// The base model's, of a resumed run too.
  void start_from(const PromptMeans& base);
  /// A validation: adds "alarm/MEASURE": 1 to its line, and says so in the log when that begins. Returns
  /// whether one that stops a run is alarmed. What `now` has not is passed over.
  bool watch(nlohmann::ordered_json& row, const PromptMeans& now);
  /// Whether its prompts, which stand for others, say that `measure` is below its best: by the same test at
  /// kWatchedLevel alone, by as much as counts. Where they cannot tell, or there is no best yet, true of what
  /// falls by any size.
  bool prompts_say_lower(const std::string& measure, const PromptMeans& now) const;
  void state(StateVisitor& v);

 private:
  struct Level {
    std::vector<double> values, reward;  // by prompt, at one validation
  };
  /// Whether `now` is below `then` at `level`; what to say of it.
  std::optional<std::string> below(const Watched& watched, const std::string& whose, const Level& then,
                                   const Level& now, double level) const;

  std::vector<Watched> watched_;
  double base_level_, best_level_, rise_level_;
  std::string setup_;
  std::map<std::string, Level> base_, best_;  // by measure; the base model may be the best
  std::set<std::string> alarmed_;             // measures
};

}  // namespace drf::train
