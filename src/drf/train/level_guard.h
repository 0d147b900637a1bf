#pragma once
// Whether what is never trained on has fallen below its best while the reward rose, whenever that was and
// whatever was between: prompt by prompt, since validations are of the same prompts and noise. The trend
// (trend_guard.h) needs many validations and little size; this needs two and many prompts.

#include <map>
#include <nlohmann/json_fwd.hpp>
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

/// Each measure is compared with its best validation so far (by its mean over prompts; the base model counts
/// as one). An alarm where it is lower with a chance of at most kWatchedLevel by the number of pairs of
/// validations in the run, n (n + 1) / 2 with the base model's (Bonferroni: the best may be any of them), and
/// the held-out reward, on the same clips, higher with one of at most kWatchedLevel / n.
class LevelGuard {
 public:
  LevelGuard(std::vector<Watched> watched, int64_t validations);

  /// What a validation is measured on: values of another setup are forgotten.
  void begin(const std::string& setup);
  /// The base model's.
  void start_from(const PromptMeans& base);
  /// A validation: adds "alarm/MEASURE": 1 to its line, and says so in the log when that begins. Returns
  /// whether one that stops a run is alarmed. What `now` has not is passed over.
  bool watch(nlohmann::ordered_json& row, const PromptMeans& now);
  /// Whether its prompts, which stand for others, say that `measure` is below its best: by the same test at
  /// kWatchedLevel alone. True where they cannot tell, or there is no best yet.
  bool prompts_say_lower(const std::string& measure, const PromptMeans& now) const;
  void state(StateVisitor& v);

 private:
  struct Best {
    std::vector<double> values, reward;  // by prompt, when `values` were the best
    bool alarmed = false;
  };
  bool test(const Watched& watched, Best& best, const std::vector<double>& values,
            const std::vector<double>& reward) const;

  std::vector<Watched> watched_;
  double level_, rise_level_;
  std::string setup_;
  std::map<std::string, Best> best_;  // by measure
};

}  // namespace drf::train
