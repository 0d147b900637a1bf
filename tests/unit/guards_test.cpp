// What a run watches about itself.
#include "drf/train/guards.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace drf::train {
namespace {

using Row = nlohmann::ordered_json;

Row watched(Guards& guards, const Row& row) {
  Row seen = row;
  guards.watch(seen);
  return seen;
}

TEST(Guards, AMeasureOutOfItsRangeIsMarkedAndNothingElseIsTouched) {
  Guards guards({{"share", 0.6, 1, "it strays"}});
  EXPECT_EQ(watched(guards, {{"update", 1}}), Row({{"update", 1}}));
  for (const double inside : {0.6, 0.8, 1.0})
    EXPECT_EQ(watched(guards, {{"share", inside}}), Row({{"share", inside}}));
  for (const double outside : {0.59, 1.01})
    EXPECT_EQ(watched(guards, {{"share", outside}}), Row({{"share", outside}, {"alarm/share", 1}}));
  EXPECT_EQ(watched(guards, {{"share", std::nan("")}}).count("alarm/share"), 1u);
}

TEST(Guards, AnAlarmIsSaidOnceUntilItHasEnded) {
  Guards guards({{"share", 0.6, 1, "it strays"}});
  const auto said = [&](double value) {
    ::testing::internal::CaptureStderr();
    watched(guards, {{"share", value}});
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_NE(said(0.5).find("share is 0.5, wanted 0.6 to 1: it strays"), std::string::npos);
  EXPECT_EQ(said(0.4), "");
  EXPECT_NE(said(0.7).find("again"), std::string::npos);
  EXPECT_NE(said(0.5).find("it strays"), std::string::npos);
}

TEST(Guards, ASurrogatesRankAccuracyIsWatchedInTrainingAndAtValidation) {
  run::RunConfig config;
  EXPECT_TRUE(guards_of(config).empty());
  config.rewards.resize(2);
  config.rewards[1].kind = "surrogate";
  config.rewards[1].name = "fast";
  config.rewards[1].teacher = "vlm";
  Guards guards(guards_of(config));
  const Row row = watched(guards, {{"rank_accuracy/fast", 0.55}, {"held_out_rank_accuracy/fast", 0.65}});
  EXPECT_EQ(row.count("alarm/rank_accuracy/fast"), 1u);
  EXPECT_EQ(row.size(), 3u);
}

}  // namespace
}  // namespace drf::train
