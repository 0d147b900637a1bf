#include "drf/train/ranges.h"

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"

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

double normal_quantile(double p) {
  double low = 0, high = 40;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (std::erfc(-middle / std::sqrt(2.0)) / 2 < p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace

double typical(const ByPrompt& values) { return std::max(0.0, std::exp(centre(values)) - kFloor); }

double student_quantile(double p, double freedom) {
  DRF_CHECK(p > 0.5 && p < 1 && freedom >= kLeastFreedom);
  const double z = normal_quantile(p), z2 = z * z;
  const double g1 = (z2 + 1) * z / 4, g2 = ((5 * z2 + 16) * z2 + 3) * z / 96,
               g3 = (((3 * z2 + 19) * z2 + 17) * z2 - 15) * z / 384,
               g4 = ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) * z / 92160;
  return z + (g1 + (g2 + (g3 + g4 / freedom) / freedom) / freedom) / freedom;
}

std::optional<Range> range_of(const ByPrompt& values, double level) {
  double squares = 0, freedom = 0, clips = 0;
  for (const auto& of_prompt : values) {
    const double mean = mean_of_logs(of_prompt);
    for (const double value : of_prompt) squares += std::pow(std::log(value + kFloor) - mean, 2);
    freedom += static_cast<double>(of_prompt.size()) - 1;
    clips += static_cast<double>(of_prompt.size());
  }
  if (freedom < kLeastFreedom) return std::nullopt;
  const double half =
      student_quantile((1 + level) / 2, freedom) * std::sqrt(squares / freedom * (1 + 1 / clips));
  const double m = centre(values);
  return Range{std::exp(m - half) - 2 * kFloor, std::exp(m + half)};
}

int64_t base_seeds(int64_t prompts, int64_t least) {
  const int64_t more = (kWantedFreedom + prompts - 1) / prompts;
  return std::max(least, (least > 1 ? 2 : 1) + more);
}

}  // namespace drf::train
