#pragma once
// Student's t distribution (Student 1908), for whole degrees of freedom.

#include <cstdint>

namespace drf::train {

/// The probability that t is above `t`, any t, freedom >= 1: by its finite series (Abramowitz and Stegun,
/// 26.7.3 and 26.7.4), to 1e-13.
double student_tail(double t, int64_t freedom);
/// What t is below with probability `p` in (.5, 1), p <= 1 - 1e-12.
double student_quantile(double p, int64_t freedom);

}  // namespace drf::train
