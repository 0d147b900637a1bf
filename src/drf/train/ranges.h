#pragma once
// In which range a measure of clips lies while they are like the base model's: learnt from the base model's
// own clips of the same prompts, from several seeds each. Measures are shares of a scale, above 0 and skewed,
// and what changes one changes it by a factor: so everything is counted in y = log(x + floor), where floor, a
// tenth of a step of 8 bits, is the least that is told apart.

#include <cstdint>
#include <optional>
#include <vector>

namespace drf::train {

/// For each prompt its clips' values of a measure, each 0 or more.
using ByPrompt = std::vector<std::vector<double>>;

/// What is shown of a measure: exp(mean over prompts of the mean over its clips of y) - floor, a geometric
/// mean.
double typical(const ByPrompt& values);

struct Range {
  double least, most;  ///< both included
};

/// The share of the base model's clips of a prompt, from other seeds, that the range holds.
constexpr double kRangeLevel = 0.95;

/// What training may change a measure by, either way, however alike the base model's clips of a prompt are:
/// a factor. Where seeds hardly differ (the bundled world's clips of a sentence move alike to 8 %) what a run
/// mends moves a measure out of their spread: to .89 to 1.36 of the base's motion in runs that get better
/// (bench/results/2026-11-27-guards.md).
constexpr double kLeastFactor = 1.5;

/// Where a clip of the base model from another seed lies with probability `level` or more, where y is normal
/// about its prompt's mean with one spread for all:
///   exp(m +- max(t s sqrt(1 + 1/n), log kLeastFactor)) - floor,
/// m as in typical(), s^2 the pooled variance of y within prompts, n clips, t the quantile (1 + level) / 2 of
/// Student's distribution with s^2's degrees of freedom, and a floor more to either side, so that rounding is
/// not taken for a change. The typical clip of a validation leaves it only where fewer than one in 1 / (1 -
/// level) of the base model's clips lie: the mean over many clips of an unchanged model practically never
/// does. Distances of pairs count as if they were independent. Nothing below 4 degrees of freedom.
std::optional<Range> range_of(const ByPrompt& values, double level = kRangeLevel);

/// How many seeds of each of `prompts` the base model is shown with: at least `least`, and so many that what
/// is within prompts has 8 degrees of freedom: of clips, and where validations compare clips of a prompt with
/// each other (`least` of two or more), of pairs too, of which two seeds make only one.
int64_t base_seeds(int64_t prompts, int64_t least);

}  // namespace drf::train
