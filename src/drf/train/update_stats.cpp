#include "drf/train/update_stats.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"

namespace drf::train {

void BatchSums::add(const objectives::Outcome& outcome) {
  const flow::Judgement& result = outcome.judgement;
  sums_.reward += result.rewards_B.sum().item<double>() / clips_;
  for (const auto& [name, score] : result.by_name) {
    if (by_name_) sums_.rewards[name] += score.total_B.sum().item<double>() / clips_;
    for (const auto& clip : score.parts)
      for (const auto& [part, value] : clip) sums_.parts[part] += value, ++part_count_[part];
    for (const auto& clip : score.facts) {
      for (const auto& [fact, mean] : clip) {
        facts_[fact].sum += mean.sum;
        facts_[fact].count += mean.count;
      }
    }
  }
  sums_.norms = outcome.norms;
  add_costs(outcome.costs);
  sums_.saturation += result.saturation / batches_;
  sums_.out_of_range += result.out_of_range / batches_;
  for (const auto& [name, value] : outcome.penalties) sums_.penalties[name] += value / batches_;
}

void BatchSums::add_costs(const std::map<std::string, flow::StageCost>& costs) {
  for (const auto& [stage, cost] : costs) {
    flow::StageCost& sum = sums_.costs[stage];
    sum.seconds += cost.seconds;
    sum.flops += cost.flops;
    sum.generator_forwards += cost.generator_forwards;
    sum.peak_bytes = std::max(sum.peak_bytes, cost.peak_bytes);
  }
}

void BatchSums::add_teachers(const std::map<std::string, double>& means) {
  for (const auto& [name, mean] : means) sums_.rewards[name] += mean / batches_;
}

UpdateStats BatchSums::stats() const {
  UpdateStats stats = sums_;
  for (auto& [part, sum] : stats.parts) sum /= static_cast<double>(part_count_.at(part));
  for (const auto& [fact, mean] : facts_)
    if (mean.count > 0) stats.facts[fact] = mean.sum / static_cast<double>(mean.count);
  return stats;
}

std::string summary(const UpdateStats& s) {
  char text[160];
  const auto p_right = s.facts.find("p_right");
  std::snprintf(text, sizeof text, "reward %.3f  ", s.reward);
  std::string line = text;
  if (p_right != s.facts.end()) {
    std::snprintf(text, sizeof text, "p(right) %.3f  ", p_right->second);
    line += text;
  }
  std::snprintf(text, sizeof text, "gnorm %.2f%s", s.grad_norm, s.skipped ? "  SKIPPED (non-finite)" : "");
  line += text;
  if (!s.share_of_peak) return line;
  std::snprintf(text, sizeof text, "  %.0f %% of peak", 100 * *s.share_of_peak);
  return line + text;
}

nlohmann::ordered_json to_json(const UpdateStats& s) {
  nlohmann::ordered_json row = {{"update", s.update}, {"reward", s.reward}};
  for (const auto& [name, value] : s.rewards) row["reward/" + name] = value;
  for (const auto& [part, value] : s.parts) row["reward_" + part] = value;
  for (const auto& [fact, value] : s.facts) row[fact] = value;
  for (const auto& [figure, value] : s.figures) row[figure] = value;
  row["grad_norm"] = s.grad_norm;
  row["lr"] = s.lr;
  row["skipped"] = s.skipped;
  row["d_frames_norm"] = s.norms.d_frames;
  row["d_x0_norm"] = s.norms.d_x0;
  row["d_xK_norm"] = s.norms.d_x.empty() ? 0.0 : s.norms.d_x.back();
  for (size_t pulled = 1; pulled < s.norms.d_x.size(); ++pulled)
    row[concat("d_x_norm/", pulled)] = s.norms.d_x[pulled - 1];
  row["saturation"] = s.saturation;
  if (s.out_of_range != 0) row["out_of_range"] = s.out_of_range;
  for (const auto& [name, value] : s.penalties)
    if (value != 0) row[name] = value;
  row["seconds"] = s.seconds;
  if (s.share_of_peak) row["share_of_peak"] = *s.share_of_peak;
  int64_t forwards = 0;
  for (const auto& [stage, cost] : s.costs) forwards += cost.generator_forwards;
  row["generator_forwards"] = forwards;
  int64_t peak = 0;
  for (const char* stage : flow::stage_names()) {
    const auto cost = s.costs.find(stage);
    if (cost == s.costs.end()) continue;
    row[std::string(stage) + "_s"] = cost->second.seconds;
    peak = std::max(peak, cost->second.peak_bytes);
  }
  for (const char* beside : {"park", "learn"}) {
    const auto cost = s.costs.find(beside);
    if (cost == s.costs.end()) continue;
    row[std::string(beside) + "_s"] = cost->second.seconds;
    peak = std::max(peak, cost->second.peak_bytes);
  }
  row["peak_gib"] = static_cast<double>(peak) / (1 << 30);
  return row;
}

}  // namespace drf::train
