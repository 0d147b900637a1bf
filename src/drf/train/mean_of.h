#pragma once
// A mean with its standard error, one number at a time (Welford 1962).

#include <cmath>
#include <cstdint>

namespace drf::train {

/// Means over clips, with the standard error of the mean.
struct Estimate {
  double mean = 0, error = 0;
};

class MeanOf {
 public:
  void add(double value) {
    ++count_;
    const double delta = value - mean_;
    mean_ += delta / static_cast<double>(count_);
    squares_ += delta * (value - mean_);
  }
  bool empty() const { return count_ == 0; }
  /// An error of 0 where there are not two numbers.
  Estimate estimate() const {
    const double n = static_cast<double>(count_);
    return {mean_, count_ > 1 ? std::sqrt(squares_ / (n - 1) / n) : 0};
  }

 private:
  int64_t count_ = 0;
  double mean_ = 0, squares_ = 0;
};

}  // namespace drf::train
