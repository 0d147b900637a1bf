#include "drf/plan/measure.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"
#include "drf/tensor/kernel_trace.h"
#include "drf/tensor/machine.h"
#include "drf/train/share_of_peak.h"
#include "drf/train/trainer.h"

namespace drf::plan {
namespace {

double seconds_in(const train::UpdateStats& stats, const std::string& stage) {
  const auto cost = stats.costs.find(stage);
  return cost == stats.costs.end() ? 0 : cost->second.seconds;
}

void add_stages(const std::vector<train::UpdateStats>& updates, Measurement& result) {
  std::vector<double> other;
  for (const train::UpdateStats& stats : updates) {
    result.update_s.push_back(stats.seconds);
    other.push_back(stats.seconds);
    for (const auto& [stage, cost] : stats.costs) {
      other.back() -= cost.seconds;
      int64_t& peak = result.stages[stage].peak_bytes;
      peak = std::max(peak, cost.peak_bytes);
      result.peak_bytes = std::max(result.peak_bytes, cost.peak_bytes);
    }
  }
  result.other_s = median(other);
  for (const char* stage : flow::stage_names()) result.stages[stage];
  for (auto& [stage, measured] : result.stages) {
    std::vector<double> seconds;
    for (const train::UpdateStats& stats : updates) seconds.push_back(seconds_in(stats, stage));
    measured.seconds = median(seconds);
  }
}

}  // namespace

double median(std::vector<double> values) {
  DRF_CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

run::RunConfig to_measure(run::RunConfig config, const MeasureOptions& options) {
  config.train.updates = options.warmup + options.updates + (options.trace.empty() ? 0 : 1);
  config.train.eval_every = 0;
  for (run::RewardTermConfig& term : config.rewards) {  // what an update takes does not hang on how it began
    if (term.teacher.empty()) continue;
    term.start_clips = 20;
    term.start_steps = 1;
    term.start_accuracy = 0;
  }
  return config;
}

std::optional<Measurement> measure(run::Run& run, const MeasureOptions& options) {
  DRF_CHECK(options.updates >= 1 && options.warmup >= 0);
  Measurement result;
  train::Trainer trainer(run, nullptr);
  read_mapped_checkpoints();  // weights are there before the first update needs them
  result.loaded_bytes = run.meter().live();
  if (reset_peak_resident()) result.loaded_rss = resident_bytes();

  std::vector<train::UpdateStats> updates;
  const int64_t last = options.warmup + options.updates;
  std::optional<KernelTrace> trace;
  const bool finished = trainer.run([&](const train::UpdateStats& stats) {
    if (stats.update == 1) result.reward = stats.reward;
    if (stats.update > options.warmup && stats.update <= last) updates.push_back(stats);
    if (stats.update == last && result.loaded_rss) result.peak_rss = peak_resident_bytes();
    if (options.trace.empty()) return;
    if (stats.update == last) trace.emplace(run.device());
    if (stats.update > last) trace->save(options.trace);
  });
  if (!finished) return std::nullopt;
  add_stages(updates, result);

  // After the updates, since freed matrices change how the allocator serves what follows.
  train::PeakRates rates(run.config(), run.device());
  result.matmul_rate = rates.generator();
  for (auto& [stage, measured] : result.stages) {
    double seconds = 0, flops = 0;
    for (const train::UpdateStats& stats : updates) {
      const auto cost = stats.costs.find(stage);
      if (cost == stats.costs.end()) continue;
      seconds += cost->second.seconds;
      flops += cost->second.flops;
    }
    measured.flops = flops / static_cast<double>(updates.size());
    if (flops > 0 && seconds > 0) measured.share_of_peak = flops / seconds / rates.of(stage);
  }
  return result;
}

}  // namespace drf::plan
