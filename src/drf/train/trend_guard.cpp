#include "drf/train/trend_guard.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "drf/base/error.h"
#include "drf/base/log.h"
#include "drf/train/trend.h"

namespace drf::train {
namespace {

std::optional<double> finite(const nlohmann::ordered_json& row, const std::string& key) {
  const auto at = row.find(key);
  if (at == row.end() || !at->is_number() || !std::isfinite(at->get<double>())) return std::nullopt;
  return at->get<double>();
}

}  // namespace

TrendGuard::TrendGuard(std::vector<Watched> watched, int64_t validations)
    : watched_(std::move(watched)),
      level_(kWatchedLevel / static_cast<double>(std::max<int64_t>(1, validations))) {
  for (const Watched& one : watched_) series_[one.measure] = {};
}

void TrendGuard::begin(const std::string& setup) {
  if (setup_ != setup) {
    for (auto& [measure, series] : series_) series = {series.gathered, {}, {}, {}, false};
  }
  setup_ = setup;
}

void TrendGuard::learn(double reward) {
  if (!std::isfinite(reward)) return;
  for (auto& [measure, series] : series_) {
    series.gathered.resize(2);
    series.gathered[0] += reward;
    series.gathered[1] += 1;
  }
}

bool TrendGuard::watch(nlohmann::ordered_json& row,
                       const std::function<bool(const std::string&)>& prompts_say_lower) {
  bool stops = false;
  for (const Watched& watched : watched_) {
    Series& series = series_.at(watched.measure);
    const auto value = finite(row, watched.measure);
    if (!value || series.gathered.empty()) continue;
    series.meanwhile.push_back(series.gathered[0] / series.gathered[1]);
    series.held_out.push_back(
        finite(row, "held_out_reward").value_or(series.held_out.empty() ? 0 : series.held_out.back()));
    series.values.push_back(*value);
    series.gathered.clear();
    if (!test(watched, series, prompts_say_lower)) continue;
    row["alarm/" + watched.measure] = 1;
    stops = stops || watched.stops;
  }
  return stops;
}

std::string TrendGuard::fall(const Watched& watched, const Series& series, size_t begin, double level) const {
  const auto from = [&](const std::vector<double>& all) {
    return std::vector<double>(all.begin() + static_cast<std::ptrdiff_t>(begin), all.end());
  };
  const std::vector<double> after = from(series.values);
  const double chance = chance_of_fall(after);
  if (chance > level) return "";
  struct Rise {
    const char* name;
    const std::vector<double>& series;
  };
  for (const Rise& rise :
       {Rise{"training reward", series.meanwhile}, Rise{"held-out reward", series.held_out}}) {
    const std::vector<double> reward = from(rise.series);
    const double chance_of_reward = chance_of_rise(reward);
    if (chance_of_reward > level_) continue;
    const auto base = base_.find(watched.measure);
    const double before = begin > 0             ? series.values[begin - 1]
                          : base != base_.end() ? base->second
                                                : after.front();
    return concat(watched.measure, " has fallen over the ", after.size(),
                  begin > 0 ? " validations since its best, from " : " validations, from ", before, " to ",
                  after.back(), " (by chance: ", chance, "; tested at ", level, "), while the ", rise.name,
                  " rose from ", reward.front(), " to ", reward.back(), " (", chance_of_reward, "; at ",
                  level_, ")");
  }
  return "";
}

bool TrendGuard::test(const Watched& watched, Series& series,
                      const std::function<bool(const std::string&)>& prompts_say_lower) const {
  const auto best = std::max_element(series.values.begin(), series.values.end());  // the first of them
  const auto base = base_.find(watched.measure);
  const bool base_is_best = base != base_.end() && base->second >= *best;
  const auto after_best = base_is_best ? 0 : static_cast<size_t>(best - series.values.begin() + 1);
  std::string said = fall(watched, series, after_best, base_is_best ? level_ : level_ / 2);
  if (said.empty() && !base_is_best) said = fall(watched, series, 0, level_ / 2);
  const bool alarm = !said.empty() && prompts_say_lower(watched.measure);
  if (alarm && !series.alarmed) {
    log_warning("guard", said,
                ". What is trained pleases the reward and nothing else any more: ", remedy(watched.stops));
  }
  if (!alarm && series.alarmed)
    log_info("guard", watched.measure,
             " no longer falls while the training reward rises, or its prompts no longer say so");
  series.alarmed = alarm;
  return alarm;
}

void TrendGuard::state(StateVisitor& v) {
  v("watched_of", setup_);
  for (const Watched& watched : watched_) {
    Series& series = series_.at(watched.measure);
    const std::string name = "watched/" + watched.measure, gathered = "watched_gathered/" + watched.measure,
                      meanwhile = "watched_reward/" + watched.measure,
                      held_out = "watched_held_out/" + watched.measure;
    v(gathered, series.gathered);
    if (v.reads() && !series.gathered.empty() && (series.gathered.size() != 2 || !(series.gathered[1] > 0)))
      v.reject(gathered, "is no sum and count; the file was edited");
    v(meanwhile, series.meanwhile);
    v(held_out, series.held_out);
    v(name, series.values);
    if (v.reads() && series.held_out.empty())  // a run of before: nothing rose
      series.held_out.resize(series.values.size());
    if (v.reads() &&
        (series.values.size() != series.meanwhile.size() || series.values.size() != series.held_out.size()))
      v.reject(name,
               concat("has not as many values as ", meanwhile, " and ", held_out, "; the file was edited"));
  }
}

}  // namespace drf::train
