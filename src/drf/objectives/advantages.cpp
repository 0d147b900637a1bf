#include "drf/objectives/advantages.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "drf/base/error.h"

namespace drf::objectives {
namespace {

constexpr double kLeastDeviation = 1e-4, kMost = 5;

// From the first value on, so that of equal values the mean is that value and the deviation 0, to the bit.
class Moments {
 public:
  void add(double value) {
    if (count_++ == 0) first_ = value;
    sum_ += value - first_;
    squares_ += (value - first_) * (value - first_);
  }
  double mean() const { return first_ + sum_ / count(); }
  double deviation() const {
    const double off = sum_ / count();
    return std::sqrt(std::max(0.0, squares_ / count() - off * off));
  }

 private:
  double count() const { return static_cast<double>(count_); }
  int64_t count_ = 0;
  double first_ = 0, sum_ = 0, squares_ = 0;
};

}  // namespace

Advantages advantages(const std::vector<double>& rewards, const std::vector<int64_t>& prompts) {
  DRF_CHECK(rewards.size() == prompts.size() && !rewards.empty());
  Moments all;
  std::map<int64_t, Moments> own;
  for (size_t b = 0; b < rewards.size(); ++b) {
    all.add(rewards[b]);
    own[prompts[b]].add(rewards[b]);
  }
  Advantages result;
  for (size_t b = 0; b < rewards.size(); ++b) {
    const double better = rewards[b] - own.at(prompts[b]).mean();
    result.values.push_back(std::clamp(better / (all.deviation() + kLeastDeviation), -kMost, kMost));
  }
  for (const auto& [prompt, moments] : own)
    result.spread += moments.deviation() / static_cast<double>(own.size());
  return result;
}

}  // namespace drf::objectives
