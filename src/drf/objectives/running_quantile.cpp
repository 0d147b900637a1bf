#include "drf/objectives/running_quantile.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace drf::objectives {

double RunningQuantile::limit() const {
  if (values_.size() < kLeast || q_ >= 1) return std::numeric_limits<double>::infinity();
  std::vector<double> sorted = values_;
  std::sort(sorted.begin(), sorted.end());
  const double at = q_ * static_cast<double>(sorted.size() - 1);
  const size_t below = static_cast<size_t>(at), above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

void RunningQuantile::add(double value) {
  if (!std::isfinite(value) || value <= 0) return;
  if (values_.size() == kRemembered) values_.erase(values_.begin());
  values_.push_back(value);
}

}  // namespace drf::objectives
