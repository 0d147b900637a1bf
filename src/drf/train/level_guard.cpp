#include "drf/train/level_guard.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "drf/base/log.h"
#include "drf/train/student.h"

namespace drf::train {
namespace {

double mean(const std::vector<double>& values) {
  MeanOf mean;
  for (const double value : values) mean.add(value);
  return mean.estimate().mean;
}

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
  level_ = kWatchedLevel / (n * (n + 1) / 2);
  rise_level_ = kWatchedLevel / n;
}

void LevelGuard::begin(const std::string& setup) {
  if (setup_ != setup) best_.clear();
  setup_ = setup;
}

void LevelGuard::start_from(const PromptMeans& base) {
  const auto reward = base.find("held_out_reward");
  if (reward == base.end()) return;
  for (const auto& [measure, values] : base) {
    Best& best = best_[measure];
    if (best.values.empty() && usable(values)) best = {values, reward->second, false};
  }
}

bool LevelGuard::watch(nlohmann::ordered_json& row, const PromptMeans& now) {
  const auto reward = now.find("held_out_reward");
  if (reward == now.end()) return false;
  bool stops = false;
  for (const Watched& watched : watched_) {
    const auto at = now.find(watched.measure);
    if (at == now.end() || !usable(at->second)) continue;
    Best& best = best_[watched.measure];
    if (test(watched, best, at->second, reward->second)) {
      row["alarm/" + watched.measure] = 1;
      stops = stops || watched.stops;
    } else if (best.values.empty() || mean(at->second) > mean(best.values)) {
      best = {at->second, reward->second, false};
    }
  }
  return stops;
}

bool LevelGuard::prompts_say_lower(const std::string& measure, const PromptMeans& now) const {
  const auto best = best_.find(measure);
  const auto at = now.find(measure);
  if (best == best_.end() || at == now.end() || !usable(best->second.values) || !usable(at->second) ||
      best->second.values.size() != at->second.size())
    return true;
  return chance_of_lower(best->second.values, at->second) <= kWatchedLevel;
}

bool LevelGuard::test(const Watched& watched, Best& best, const std::vector<double>& values,
                      const std::vector<double>& reward) const {
  const double fall = chance_of_lower(best.values, values), rise = chance_of_lower(reward, best.reward);
  const bool alarm = fall <= level_ && rise <= rise_level_;
  if (alarm && !best.alarmed)
    log_warning("guard", watched.measure, " is ", mean(values), " over the same ", values.size(),
                " prompts and noise where it was ", mean(best.values), " at its best (by chance: ", fall,
                "; tested at ", level_, "), and the held-out reward has risen since from ", mean(best.reward),
                " to ", mean(reward), " (", rise, "; at ", rise_level_,
                "). What is trained pleases the reward and nothing else any more: ", remedy(watched.stops));
  if (!alarm && best.alarmed)
    log_info("guard", watched.measure, " is no longer below its best while the held-out reward is above");
  best.alarmed = alarm;
  return alarm;
}

void LevelGuard::state(StateVisitor& v) {
  v("best_of", setup_);
  for (const Watched& watched : watched_) {
    Best& best = best_[watched.measure];
    const std::string name = "best/" + watched.measure, reward = "best_reward/" + watched.measure;
    v(name, best.values);
    v(reward, best.reward);
    if (v.reads() && best.values.size() != best.reward.size())
      v.reject(name, "has not as many values as " + reward + "; the file was edited");
  }
}

}  // namespace drf::train
