#include "drf/train/student.h"

#include <cmath>
#include <numbers>

#include "drf/base/error.h"

namespace drf::train {

double student_tail(double t, int64_t freedom) {
  DRF_CHECK(freedom >= 1);
  const double theta = std::atan(t / std::sqrt(static_cast<double>(freedom)));
  const double cosine2 = std::cos(theta) * std::cos(theta);
  const bool odd = freedom % 2 == 1;
  // 1 + 2/3 c^2 + 2 4 / (3 5) c^4 + ... (odd), 1 + 1/2 c^2 + 1 3 / (2 4) c^4 + ... (even): freedom / 2 terms.
  double term = 1, sum = 0;
  for (int64_t k = 0; k < freedom / 2; ++k) {
    sum += term;
    const double n = static_cast<double>(odd ? 2 * k + 2 : 2 * k + 1);
    term *= n / (n + 1) * cosine2;
  }
  const double within =
      odd ? 2 / std::numbers::pi * (theta + std::sin(theta) * std::cos(theta) * sum) : std::sin(theta) * sum;
  return (1 - within) / 2;
}

double student_quantile(double p, int64_t freedom) {
  DRF_CHECK(p > 0.5 && p <= 1 - 1e-12);
  double low = 0, high = 1;
  while (student_tail(high, freedom) > 1 - p) high *= 2;
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (student_tail(middle, freedom) > 1 - p ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace drf::train
