#pragma once
// What is held against the reward that is trained on: that which is never trained on, a judge above all.

#include <string>
#include <vector>

#include "drf/run/config.h"

namespace drf::train {

/// A key of metrics.jsonl at validations, and whether train.early_stop goes by it.
struct Watched {
  std::string measure;
  bool stops;
};

/// The held-out reward, the questions that are never trained on (unseen_questions.h), each judge, of one that
/// answers questions p(right) too (its reward has the run's own weights, and does not see what those leave
/// out), and of several judges their sum. `merit` (merit.h) alone decides about the end.
std::vector<Watched> watched_by(const run::RunConfig& config, const std::string& merit);

/// The chance that a run whose measure does not fall is said to hack, over all its validations together, by
/// each of the two tests (trend_guard.h, level_guard.h).
constexpr double kWatchedLevel = 0.05;

/// What to do at an alarm, as a log says it.
std::string remedy(bool stops);

}  // namespace drf::train
