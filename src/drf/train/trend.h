#pragma once
// Whether a short series rises or falls beyond chance: Mann's test by Kendall's rank correlation (Mann 1945),
// with the exact distribution for few numbers.

#include <cstddef>
#include <vector>

namespace drf::train {

/// No more than so many numbers, the last ones, are looked at.
constexpr size_t kLongestTrend = 100;

/// The probability that numbers in an order that means nothing (every order alike) fall at least as steadily
/// as these: that at most as many pairs rise as do here, n (n - 1) / 2 pairs in all. 1 / n! where every next
/// one is lower. Equal ones count as rising, so that ties never make a trend. 1 below three numbers.
double chance_of_fall(const std::vector<double>& series);
/// The same of a rise.
double chance_of_rise(std::vector<double> series);

}  // namespace drf::train
