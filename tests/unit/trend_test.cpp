// Trends beyond chance, and ranges of what chance does.
#include "drf/train/trend.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <tuple>

#include "drf/base/random.h"
#include "drf/train/ranges.h"
#include "drf/train/student.h"

namespace drf::train {
namespace {

TEST(Trend, TheChanceIsThatOfAllOrders) {
  EXPECT_NEAR(chance_of_fall({3, 2, 1}), 1.0 / 6, 1e-12);
  EXPECT_NEAR(chance_of_rise({1, 2, 3, 4, 5}), 1.0 / 120, 1e-12);
  EXPECT_NEAR(chance_of_fall({1, 2, 3}), 1, 1e-12);
  EXPECT_EQ(chance_of_fall({2, 1}), 1);
  EXPECT_EQ(chance_of_fall({}), 1);
  // Each order of six against all 720, counted one by one.
  std::vector<double> order = {1, 2, 3, 4, 5, 6};
  const auto rising = [](const std::vector<double>& v) {
    int count = 0;
    for (size_t i = 0; i < v.size(); ++i)
      for (size_t j = 0; j < i; ++j) count += v[i] > v[j];
    return count;
  };
  std::vector<int> all;
  do all.push_back(rising(order));
  while (std::next_permutation(order.begin(), order.end()));
  for (const auto& some : {std::vector<double>{6, 5, 4, 2, 3, 1}, {6, 1, 5, 2, 4, 3}, {1, 3, 2, 4, 6, 5}}) {
    const auto fewer = std::count_if(all.begin(), all.end(), [&](int k) { return k <= rising(some); });
    EXPECT_NEAR(chance_of_fall(some), static_cast<double>(fewer) / 720, 1e-12);
  }
}

TEST(Trend, EqualNumbersMakeNone) {
  EXPECT_NEAR(chance_of_fall({1, 1, 1, 1, 1, 1}), 1, 1e-12);
  EXPECT_NEAR(chance_of_rise({1, 1, 1, 1, 1, 1}), 1, 1e-12);
  EXPECT_GT(chance_of_fall({3, 2, 2, 1}), chance_of_fall({4, 3, 2, 1}));
}

TEST(Trend, ALongSeriesIsLookedAtFromItsEnd) {
  std::vector<double> series(2 * kLongestTrend);
  std::iota(series.begin(), series.end(), 0.0);
  EXPECT_LT(chance_of_rise(series), 1e-12);
  std::reverse(series.begin() + kLongestTrend, series.end());
  EXPECT_LT(chance_of_fall(series), 1e-12);
}

TEST(Student, TailsAndQuantiles) {
  // Of one and of two degrees of freedom the tail has a closed form; the rest by the density's integral.
  for (const double t : {-3.0, -0.5, 0.0, 1.0, 40.0}) {
    EXPECT_NEAR(student_tail(t, 1), 0.5 - std::atan(t) / std::numbers::pi, 1e-13);
    EXPECT_NEAR(student_tail(t, 2), 0.5 - t / 2 / std::sqrt(2 + t * t), 1e-13);
  }
  EXPECT_NEAR(student_tail(2.5, 7), 0.020496109, 1e-8);
  EXPECT_NEAR(student_tail(4.3, 15), 0.000315902, 1e-8);
  EXPECT_NEAR(student_tail(1.96, 100000), 0.0249992, 1e-6);
  for (const auto& [p, freedom, t] : {std::tuple(0.975, 1, 12.7062),
                                      {0.975, 4, 2.77645},
                                      {0.975, 10, 2.22814},
                                      {0.995, 8, 3.35539},
                                      {0.9999, 15, 4.88001}})
    EXPECT_NEAR(student_quantile(p, freedom), t, 1e-4) << p << " " << freedom;
}

TEST(Ranges, AreOfClipsOfThePromptsFromOtherSeeds) {
  EXPECT_EQ(base_seeds(24, 1), 2);
  EXPECT_EQ(base_seeds(1, 1), 9);
  EXPECT_EQ(base_seeds(24, 2), 3) << "two clips of a prompt are one pair, whose spread nobody knows";
  EXPECT_EQ(base_seeds(3, 2), 5);
  EXPECT_EQ(base_seeds(2, 16), 16);
  EXPECT_FALSE(range_of({{0.1, 0.2}, {0.3}}).has_value());
  EXPECT_NEAR(typical({{0.1, 0.4}, {0.2, 0.2}}), 0.2, 1e-3);
  EXPECT_EQ(typical({{0, 0}}), 0);
}

// Of clips whose logarithms are normal about their prompt's mean the range holds 95 %, whatever few base
// clips it was learnt from: about its middle, where a validation's prompts are those of the base model.
TEST(Ranges, HoldTheShareTheySay) {
  constexpr int64_t kPrompts = 3, kSeeds = 4, kTimes = 20000;
  const auto z = normal({1, Purpose::kDirection}, kTimes * (kPrompts * kSeeds + 1));
  const std::vector<double> means = {0.02, 0.1, 0.5};
  const double middle = std::cbrt(0.02 * 0.1 * 0.5);
  size_t at = 0;
  int64_t inside = 0;
  for (int64_t i = 0; i < kTimes; ++i) {
    ByPrompt base(kPrompts);
    for (size_t p = 0; p < kPrompts; ++p)
      for (int64_t s = 0; s < kSeeds; ++s) base[p].push_back(means[p] * std::exp(0.3 * z[at++]));
    const Range range = *range_of(base);
    const double clip = middle * std::exp(0.3 * z[at++]);
    inside += clip >= range.least && clip <= range.most;
  }
  EXPECT_NEAR(static_cast<double>(inside) / kTimes, kRangeLevel, 0.01);
}

// Seeds that are all alike are no reason to call what training mends a fault.
TEST(Ranges, AreNeverNarrowerThanAFactor) {
  const Range range = *range_of({{0.1, 0.1, 0.1}, {0.1, 0.1, 0.1}, {0.1, 0.1, 0.1}});
  EXPECT_NEAR(range.least, 0.1 / kLeastFactor, 1e-3);
  EXPECT_NEAR(range.most, 0.1 * kLeastFactor, 1e-3);
}

TEST(Ranges, RoundingOfWhatIsZeroIsNoChange) {
  const Range range = *range_of({{0, 0, 0}, {0, 0, 0}, {0, 0, 0}});
  EXPECT_LE(range.least, 0);
  EXPECT_GT(range.most, 1e-4);
  EXPECT_LT(range.most, 1.0 / 255);
  const Range moving = *range_of({{0.05, 0.04, 0.06}, {0.02, 0.03, 0.02}, {0.05, 0.05, 0.04}});
  EXPECT_GT(moving.least, 0.01) << "clips that stand still would go unnoticed";
}

}  // namespace
}  // namespace drf::train
