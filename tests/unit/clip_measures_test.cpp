// What clips look like in numbers: on clips made by hand, whose numbers can be told by looking.
#include "drf/train/clip_measures.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

namespace drf::train {
namespace {

constexpr int64_t kSide = 8;
constexpr double kTiny = 1e-6;

at::Tensor plain(int64_t frames, double shade) { return at::full({frames, 3, kSide, kSide}, shade); }

// A white bar of `width` columns on black that moves one to the right each frame.
at::Tensor moving(int64_t width) {
  at::Tensor clip = plain(5, 0);
  for (int64_t f = 0; f < 5; ++f) clip[f].narrow(2, f, width).fill_(1);
  return clip;
}

at::Tensor flickering() {
  at::Tensor clip = plain(5, 0.4);
  for (const int64_t f : {1, 3}) clip[f].fill_(0.6);
  return clip;
}

at::Tensor chess() {
  const at::Tensor at = at::arange(kSide);
  const at::Tensor board = (at.view({-1, 1}) + at.view({1, -1})).remainder(2).to(at::kFloat);
  return board.expand({5, 3, kSide, kSide}).contiguous();
}

at::Tensor slope() {
  return (at::arange(kSide).to(at::kFloat) / kSide).expand({5, 3, kSide, kSide}).contiguous();
}

struct Case {
  const char* name;
  at::Tensor clip;
  double motion, flicker, saturated, high_frequency;
};

TEST(ClipMeasures, AreWhatTheirFormulasSay) {
  // Of the inner 6 columns three touch an edge of the bar, from either side, and are 1/4 off.
  const double edges = std::sqrt(3.0 / 6 / 16);
  const Case cases[] = {
      {"still", plain(5, 0.5), 0, 0, 0, 0},
      {"black", plain(5, 0), 0, 0, 1, 0},
      {"moving", moving(3), 2.0 / kSide, 0, 1, -1},
      {"thinner than its step", moving(1), 2.0 / kSide, 1.0 / kSide, 1, -1},
      {"flickering", flickering(), 0.2, 0.2, 0, 0},
      {"growing lighter",
       at::arange(5).to(at::kFloat).div(10).add(0.1).view({5, 1, 1, 1}).expand({5, 3, kSide, kSide}), 0.1, 0,
       0, 0},
      {"sharp", chess(), 0, 0, 1, 1},
      {"slope", slope(), 0, 0, 1.0 / kSide, 0},
      {"edges", moving(3)[1].expand({5, 3, kSide, kSide}), 0, 0, 1, edges},
      {"gray", chess().mul(0.2).add(0.4), 0, 0, 0, 0.2},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto measures = clip_measures(c.clip);
    EXPECT_NEAR(measures.at("motion"), c.motion, kTiny);
    EXPECT_NEAR(measures.at("flicker"), c.flicker, kTiny);
    EXPECT_NEAR(measures.at("saturated"), c.saturated, kTiny);
    if (c.high_frequency >= 0) EXPECT_NEAR(measures.at("high_frequency"), c.high_frequency, kTiny);
  }
}

TEST(ClipMeasures, ABlurTakesHighFrequenciesAway) {
  const at::Tensor blurred = at::avg_pool2d(moving(3), {3, 3}, {1, 1}, {1, 1});
  EXPECT_LT(clip_measures(blurred).at("high_frequency"), 0.6 * clip_measures(moving(3)).at("high_frequency"));
}

TEST(ClipMeasures, WhatAClipIsTooShortOrSmallForIsLeftOut) {
  EXPECT_EQ(clip_measures(plain(1, 0.5)).size(), 2u);
  EXPECT_EQ(clip_measures(plain(2, 0.5)).count("flicker"), 0u);
  const auto low = clip_measures(at::zeros({3, 3, 2, 8}));
  EXPECT_EQ(low.count("high_frequency"), 0u);
  EXPECT_EQ(low.count("flicker"), 1u);
}

TEST(ClipMeasures, AnOverviewIsAnAverageAndDistancesAreSharesOfTheScale) {
  at::Tensor large = at::zeros({2, 3, 128, 16});
  large.slice(2, 0, 128, 2).fill_(1);  // every other row
  const at::Tensor small = overview(large);
  EXPECT_EQ(small.sizes().vec(), (std::vector<int64_t>{2, 3, 64, 16}));
  EXPECT_TRUE(small.eq(128).all().item<bool>());
  EXPECT_EQ(distance(overview(plain(2, 0)), overview(plain(2, 1))), 1);
  EXPECT_NEAR(distance(overview(plain(2, 0.2)), overview(plain(2, 0.6))), 0.4, kTiny);
}

TEST(ClipMeasures, ARecordGathersByPromptWhateverTheBatches) {
  ClipRecord record;
  record.add({7, 2}, at::stack({plain(3, 0.2), plain(3, 0.5)}));
  record.add({7}, at::stack({plain(3, 0.6)}));
  record.add({2, 7}, at::stack({plain(3, 0.5), plain(3, 0.4)}));
  const auto values = record.values();
  const auto& diversity = values.at("diversity");
  ASSERT_EQ(diversity.size(), 2u);
  ASSERT_EQ(diversity[0].size(), 3u);  // .2-.6, .2-.4, .6-.4
  EXPECT_NEAR(diversity[0][0] + diversity[0][1] + diversity[0][2], 0.8, kTiny);
  EXPECT_EQ(diversity[1], std::vector<double>{0});
  EXPECT_EQ(values.at("motion")[0].size(), 3u);
  EXPECT_EQ(record.overviews()[1].size(), 2u);
}

}  // namespace
}  // namespace drf::train
