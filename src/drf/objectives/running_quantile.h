#pragma once
// A limit that follows what is usual: the q-quantile of the last values seen.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace drf::objectives {

class RunningQuantile {
 public:
  static constexpr size_t kRemembered = 256;  ///< values the quantile is taken over
  static constexpr size_t kLeast = 16;        ///< values below which nothing is known

  /// q in (0, 1]; 1 never limits.
  explicit RunningQuantile(double q) : q_(q) {}
  /// Linear between the two nearest values, as numpy.quantile; infinity while fewer than kLeast were added,
  /// or q = 1.
  double limit() const;
  /// Left out: values that are not finite, and those that are not above 0, which need no limit (clips whose
  /// questions are all satisfied have no gradient, and would drive the limit to 0 for the others).
  void add(double value);

  /// The remembered values, oldest first.
  const std::vector<double>& values() const { return values_; }
  void set_values(std::vector<double> values) { values_ = std::move(values); }

 private:
  double q_;
  std::vector<double> values_;
};

}  // namespace drf::objectives
