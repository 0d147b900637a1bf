#pragma once
// What training updates cost: seconds, memory and useful operations of each stage, measured on the user's own
// models.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drf/run/run.h"

namespace drf::plan {

struct MeasureOptions {
  int64_t updates = 3;  ///< measured, at least 1
  int64_t warmup = 1;   ///< before them, not counted
  /// Where to write what one more update, not counted either, ran when (tensor/kernel_trace.h); "" = nowhere.
  std::string trace;
};

struct StageMeasurement {
  double seconds = 0;      ///< median over the updates
  int64_t peak_bytes = 0;  ///< most tensor bytes in use (tensor/memory_meter.h)
  double flops = 0;        ///< useful operations an update (models/flops.h), mean
  /// Useful operations a second, over the device's rate in matrix products of the dtype the stage runs in.
  double share_of_peak = 0;
};

struct Measurement {
  std::vector<double> update_s;                    ///< seconds of each measured update
  double other_s = 0;                              ///< outside the stages: text, clipping, AdamW; median
  std::map<std::string, StageMeasurement> stages;  ///< by flow::stage_names(), and "park"
  /// Tensors: at most, and when all was loaded. Weights that are mapped from their file are in neither.
  int64_t peak_bytes = 0, loaded_bytes = 0;
  /// Of the process: when all was loaded, and the most from then on. Absent where the system does not tell.
  std::optional<int64_t> loaded_rss, peak_rss;
  double matmul_rate = 0;  ///< operations a second in matrix products of the generator's dtype
  double reward = 0;       ///< of the very first update, warm-up included: that of the adapters as they came
};

/// `config` as a run that does nothing but `options`' updates.
run::RunConfig to_measure(run::RunConfig config, const MeasureOptions& options);

/// Trains `run`, opened from to_measure() with the texts that it needs; nothing is written. Absent if a
/// signal ended it. Throws as Trainer::run.
std::optional<Measurement> measure(run::Run& run, const MeasureOptions& options);

/// The middle one, or the mean of the middle two. `values` must not be empty.
double median(std::vector<double> values);

}  // namespace drf::plan
