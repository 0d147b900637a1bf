#include "drf/train/level_guard.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/train/student.h"

namespace drf::train {
namespace {

bool usable(const std::vector<double>& values) {
  return values.size() >= kFewestPrompts &&
         std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

}  // namespace

double chance_of_lower(const std::vector<double>& before, const std::vector<double>& after) {
  if (!usable(before) || !usable(after) || before.size() != after.size()) return 1;
  MeanOf fall;
  for (size_t p = 0; p < before.size(); ++p) fall.add(before[p] - after[p]);
  const Estimate by = fall.estimate();
  if (by.mean <= 0) return 1;
  if (by.error == 0) return 0;
  return student_tail(by.mean / by.error, static_cast<int64_t>(before.size()) - 1);
}

LevelGuard::LevelGuard(std::vector<Watched> watched, int64_t validations) : watched_(std::move(watched)) {
  const auto n = static_cast<double>(std::max<int64_t>(1, validations));
  base_level_ = kWatchedLevel / 2 / n;
  best_level_ = n > 1 ? kWatchedLevel / 2 / (n * (n - 1) / 2) : 0;
  rise_level_ = kWatchedLevel / n;
}

void LevelGuard::begin(const std::string& setup) {
  if (setup_ != setup) best_.clear(), base_.clear(), alarmed_.clear();
  setup_ = setup;
}

void LevelGuard::start_from(const PromptMeans& base) {
  const auto reward = base.find("held_out_reward");
  if (reward == base.end()) return;
  for (const auto& [measure, values] : base) {
    if (!usable(values)) continue;
    base_[measure] = {values, reward->second};
    Level& best = best_[measure];
    if (best.values.empty()) best = base_[measure];
  }
}

bool LevelGuard::watch(nlohmann::ordered_json& row, const PromptMeans& now) {
  const auto reward = now.find("held_out_reward");
  if (reward == now.end()) return false;
  bool stops = false;
  for (const Watched& watched : watched_) {
    const auto at = now.find(watched.measure);
    if (at == now.end() || !usable(at->second)) continue;
    const Level level = {at->second, reward->second};
    Level &base = base_[watched.measure], &best = best_[watched.measure];
    std::optional<std::string> fall = below(watched, "of the base model", base, level, base_level_);
    if (!fall && best.values != base.values) fall = below(watched, "at its best", best, level, best_level_);
    if (fall) {
      row["alarm/" + watched.measure] = 1;
      stops = stops || watched.stops;
      if (alarmed_.insert(watched.measure).second) log_warning("guard", *fall);
      continue;
    }
    if (alarmed_.erase(watched.measure) > 0)
      log_info("guard", watched.measure, " is no longer below while the held-out reward is above");
    if (best.values.empty() || mean_over_prompts(level.values) > mean_over_prompts(best.values)) best = level;
  }
  return stops;
}

bool LevelGuard::prompts_say_lower(const std::string& measure, const PromptMeans& now) const {
  const auto watched = std::find_if(watched_.begin(), watched_.end(),
                                    [&](const Watched& each) { return each.measure == measure; });
  const bool of_any_size = watched == watched_.end() || watched->least_odds == 1;
  const auto best = best_.find(measure);
  const auto at = now.find(measure);
  if (best == best_.end() || at == now.end() || !usable(best->second.values) || !usable(at->second) ||
      best->second.values.size() != at->second.size())
    return of_any_size;
  return chance_of_lower(best->second.values, at->second) <= kWatchedLevel &&
         (of_any_size ||
          counts(*watched, mean_over_prompts(best->second.values), mean_over_prompts(at->second)));
}

std::optional<std::string> LevelGuard::below(const Watched& watched, const std::string& whose,
                                             const Level& then, const Level& now, double level) const {
  const double fall = chance_of_lower(then.values, now.values),
               rise = chance_of_lower(now.reward, then.reward);
  if (fall > level || rise > rise_level_ ||
      !counts(watched, mean_over_prompts(then.values), mean_over_prompts(now.values)))
    return std::nullopt;
  return concat(watched.measure, " is ", mean_over_prompts(now.values), " over the same ", now.values.size(),
                " prompts and noise where it was ", mean_over_prompts(then.values), " ", whose,
                " (by chance: ", fall, "; tested at ", level,
                "), and the held-out reward has risen since from ", mean_over_prompts(then.reward), " to ",
                mean_over_prompts(now.reward), " (", rise, "; at ", rise_level_,
                "). What is trained pleases the reward and nothing else any more: ", remedy(watched.stops));
}

void LevelGuard::state(StateVisitor& v) {
  v("best_of", setup_);
  for (const Watched& watched : watched_) {
    Level& best = best_[watched.measure];
    const std::string name = "best/" + watched.measure, reward = "best_reward/" + watched.measure;
    v(name, best.values);
    v(reward, best.reward);
    if (v.reads() && best.values.size() != best.reward.size())
      v.reject(name, "has not as many values as " + reward + "; the file was edited");
  }
}

}  // namespace drf::train
