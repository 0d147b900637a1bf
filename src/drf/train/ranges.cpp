#include "drf/train/ranges.h"

#include <algorithm>
#include <cmath>

#include "drf/train/student.h"

namespace drf::train {
namespace {

constexpr double kFloor = 0.1 / 255;
constexpr double kLeastFreedom = 4;
constexpr int64_t kWantedFreedom = 8;

double mean_of_logs(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += std::log(value + kFloor);
  return sum / static_cast<double>(values.size());
}

double centre(const ByPrompt& values) {
  double sum = 0;
  for (const auto& clips : values) sum += mean_of_logs(clips);
  return sum / static_cast<double>(values.size());
}

}  // namespace

double typical(const ByPrompt& values) { return std::max(0.0, std::exp(centre(values)) - kFloor); }

std::optional<Range> range_of(const ByPrompt& values, double level) {
  double squares = 0, freedom = 0, clips = 0;
  for (const auto& of_prompt : values) {
    const double mean = mean_of_logs(of_prompt);
    for (const double value : of_prompt) squares += std::pow(std::log(value + kFloor) - mean, 2);
    freedom += static_cast<double>(of_prompt.size()) - 1;
    clips += static_cast<double>(of_prompt.size());
  }
  if (freedom < kLeastFreedom) return std::nullopt;
  const double t = student_quantile((1 + level) / 2, static_cast<int64_t>(freedom));
  const double half = std::max(t * std::sqrt(squares / freedom * (1 + 1 / clips)), std::log(kLeastFactor));
  const double m = centre(values);
  return Range{std::exp(m - half) - 2 * kFloor, std::exp(m + half)};
}

int64_t base_seeds(int64_t prompts, int64_t least) {
  const int64_t more = (kWantedFreedom + prompts - 1) / prompts;
  return std::max(least, (least > 1 ? 2 : 1) + more);
}

}  // namespace drf::train
