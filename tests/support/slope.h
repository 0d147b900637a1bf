#pragma once
// Central finite differences in float64 against a gradient, along one random direction.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "drf/base/random.h"

namespace drf::testing {

// The step balances truncation and rounding.
constexpr double kStep = 1e-5, kFiniteDifference = 1e-6;

/// Standard normals shaped like `like`; another index, another direction.
inline at::Tensor direction(uint32_t index, const at::Tensor& like) {
  const auto values = normal({11, Purpose::kDirection, index, 0}, static_cast<size_t>(like.numel()));
  return at::tensor(values).to(at::kDouble).view(like.sizes());
}

/// `plus` and `minus`: the values kStep ahead and behind.
inline void expect_slope(double plus, double minus, double analytic) {
  const double numeric = (plus - minus) / (2 * kStep);
  EXPECT_NEAR(numeric, analytic, kFiniteDifference * std::max(1.0, std::abs(analytic)));
  EXPECT_GT(std::abs(analytic), 1e-4) << "the direction says nothing";
}

}  // namespace drf::testing
