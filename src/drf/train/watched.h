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
  /// Of a probability: by which factor the odds of a wrong answer must have risen for a fall to count.
  double least_odds = 1;
};

/// Where nearly all is answered rightly, answers fall by next to nothing on every prompt at once (.9811 to
/// .9803, by chance 2e-5, in a run made to hack otherwise): by aspect only a fall by this factor counts, as
/// in ranges.h, of odds with a hundredth more to be wrong, so that what is certain is one: .98 to .965, .72
/// to .63. Runs that got better fell by up to 1.35, that run by 2.1 (bench/results/2026-11-28-guards.md).
constexpr double kLeastOdds = 1.5;

/// Whether a fall of the mean counts.
bool counts(const Watched& watched, double before, double after);

/// The held-out reward, the questions that are never trained on (unseen_questions.h), each judge, of one that
/// answers questions p(right) too (its reward has the run's own weights, and does not see what those leave
/// out), over all of them and by aspect (what one gains hides what another loses), and of several judges
/// their sum. `merit` (merit.h) alone decides about the end. What a judge has not, is passed over.
std::vector<Watched> watched_by(const run::RunConfig& config, const std::string& merit);

/// The chance that a run whose measure does not fall is said to hack, over all its validations together, by
/// each of the two tests (trend_guard.h, level_guard.h).
constexpr double kWatchedLevel = 0.05;

/// What to do at an alarm, as a log says it.
std::string remedy(bool stops);

}  // namespace drf::train
