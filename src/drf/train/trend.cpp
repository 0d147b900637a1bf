#include "drf/train/trend.h"

#include <algorithm>
#include <utility>

namespace drf::train {

double chance_of_fall(const std::vector<double>& series) {
  const size_t begin = series.size() - std::min(series.size(), kLongestTrend), n = series.size() - begin;
  if (n < 3) return 1;
  size_t rising = 0;
  for (size_t i = begin; i < series.size(); ++i)
    for (size_t j = begin; j < i; ++j)
      if (series[i] >= series[j]) ++rising;
  // share[k]: of the orders of m numbers, those in which k pairs rise. The m-th number makes 0 to m - 1 of
  // them, each alike.
  std::vector<double> share = {1};
  for (size_t m = 2; m <= n; ++m) {
    std::vector<double> next(share.size() + m - 1);
    double window = 0;
    for (size_t k = 0; k < next.size(); ++k) {
      if (k < share.size()) window += share[k];
      if (k >= m) window -= share[k - m];
      next[k] = window / static_cast<double>(m);
    }
    share = std::move(next);
  }
  double chance = 0;
  for (size_t k = 0; k <= rising; ++k) chance += share[k];
  return std::clamp(chance, 0.0, 1.0);
}

double chance_of_rise(std::vector<double> series) {
  for (double& value : series) value = -value;
  return chance_of_fall(series);
}

}  // namespace drf::train
