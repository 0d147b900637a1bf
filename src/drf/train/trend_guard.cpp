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

std::vector<Watched> watched_by(const run::RunConfig& config) {
  std::vector<Watched> judges;
  for (const run::RewardTermConfig& term : config.terms())
    if (term.judge) judges.push_back({"held_out_reward/" + term.name, true});
  std::vector<Watched> all;
  for (const char* measure : {"held_out_reward", "p_right/held_out", "p_right/paraphrases"})
    all.push_back({measure, judges.empty()});
  all.insert(all.end(), judges.begin(), judges.end());
  return all;
}

TrendGuard::TrendGuard(std::vector<Watched> watched, int64_t validations)
    : watched_(std::move(watched)),
      level_(kTrendLevel / static_cast<double>(std::max<int64_t>(1, validations))) {}

void TrendGuard::begin(const std::string& setup) {
  if (setup_ != setup) {
    rewards_.clear();
    series_.clear();
  }
  setup_ = setup;
}

void TrendGuard::learn(double reward) {
  if (!std::isfinite(reward)) return;
  gathered_.resize(2);
  gathered_[0] += reward;
  gathered_[1] += 1;
}

bool TrendGuard::watch(nlohmann::ordered_json& row) {
  if (gathered_.empty()) return false;
  const double reward = gathered_[0] / gathered_[1];
  std::map<std::string, double> values;
  for (const Watched& watched : watched_) {
    const auto value = finite(row, watched.measure);
    if (value) values[watched.measure] = *value;
    // One that was there before must be there each time.
    if (!value && (row.contains(watched.measure) || series_.count(watched.measure) > 0)) return false;
    if (value && series_.count(watched.measure) == 0 && !rewards_.empty()) values.erase(watched.measure);
  }
  if (values.empty()) return false;
  gathered_.clear();
  rewards_.push_back(reward);
  for (const auto& [measure, value] : values) series_[measure].push_back(value);

  bool stops = false;
  for (const Watched& watched : watched_) {
    const auto known = series_.find(watched.measure);
    if (known == series_.end()) continue;
    const std::vector<double>& series = known->second;
    const auto best = std::max_element(series.begin(), series.end());  // the first of them
    const auto base = base_.find(watched.measure);
    const bool base_is_best = base != base_.end() && base->second >= *best;
    const auto begin = base_is_best ? 0 : best - series.begin() + 1;
    const std::vector<double> after(series.begin() + begin, series.end()),
        meanwhile(rewards_.begin() + begin, rewards_.end());
    const double fall = chance_of_fall(after), rise = chance_of_rise(meanwhile);
    const bool alarm = fall <= level_ && rise <= level_;
    if (alarm) {
      row["alarm/" + watched.measure] = 1;
      stops = stops || watched.stops;
    }
    if (alarm && !alarmed_[watched.measure]) {
      log_warning(
          "guard", watched.measure, " has fallen over the ", after.size(),
          " validations since its best, from ", base_is_best ? base->second : *best, " to ", after.back(),
          " (by chance: ", fall, "), while the training reward rose from ", meanwhile.front(), " to ",
          meanwhile.back(), " (", rise, "); each tested at ", level_,
          ". What is trained pleases the reward and nothing else any more: take checkpoints/best, and "
          "train shorter, with a smaller train.lr, or with train.anchor, reward.margin or a judge's "
          "questions among those trained on");
    }
    if (!alarm && alarmed_[watched.measure])
      log_info("guard", watched.measure, " no longer falls while the training reward rises");
    alarmed_[watched.measure] = alarm;
  }
  return stops;
}

void TrendGuard::state(StateVisitor& v) {
  v("trend_of", setup_);
  v("trend_gathered", gathered_);
  if (v.reads() && !gathered_.empty() && (gathered_.size() != 2 || !(gathered_[1] > 0)))
    v.reject("trend_gathered", "is no sum and count; the file was edited");
  v("trend/reward", rewards_);
  for (const Watched& watched : watched_) {
    const std::string name = "trend/" + watched.measure;
    std::vector<double>& series = series_[watched.measure];
    v(name, series);
    if (v.reads() && !series.empty() && series.size() != rewards_.size())
      v.reject(name, "has not as many values as trend/reward; the file was edited");
    if (series.empty()) series_.erase(watched.measure);
  }
}

}  // namespace drf::train
