#include "drf/train/share_of_peak.h"

#include <gtest/gtest.h>

#include "drf/train/update_stats.h"

namespace drf::train {
namespace {

std::map<std::string, flow::StageCost> costs(std::map<std::string, double> flops) {
  std::map<std::string, flow::StageCost> result;
  for (const auto& [stage, count] : flops) result[stage].flops = count;
  return result;
}

run::RunConfig in(const std::string& generator, const std::string& critic) {
  run::RunConfig config;
  config.generator.dtype = generator;
  config.critic.dtype = critic;
  return config;
}

TEST(ShareOfPeak, IsTheTimeThatMatrixProductsWouldTake) {
  PeakRates rates(in("float64", "float32"), at::kCPU);
  const double generator = rates.generator(), critic = rates.of("critic");
  EXPECT_EQ(rates.of("rollout"), generator) << "measured once";
  EXPECT_EQ(rates.of("pull_steps"), generator);
  EXPECT_EQ(rates.of("decode"), generator) << "a decoder of float64 beside a generator of float64";
  EXPECT_EQ(rates.of("pull_critic"), critic);
  EXPECT_NE(generator, critic);
  const auto all = costs({{"rollout", 3 * generator}, {"critic", 2 * critic}, {"park", 0}});
  EXPECT_DOUBLE_EQ(share_of_peak(all, 10, rates), 0.5);
  EXPECT_EQ(share_of_peak(costs({{"rollout", 0}}), 10, rates), 0);
  EXPECT_EQ(share_of_peak(all, 0, rates), 0);
}

TEST(ShareOfPeak, IsShownFromTheTenthSecondOn) {
  double now = 100;
  PeakWatch watch(PeakRates(in("float32", "float32"), at::kCPU), [&] { return now; });
  const auto some = costs({{"rollout", 1e9}});
  now = 109.9;
  EXPECT_FALSE(watch.share(some, 1));
  now = 110;
  EXPECT_FALSE(watch.share({}, 1)) << "nothing is counted";
  const std::optional<double> share = watch.share(some, 1);
  ASSERT_TRUE(share);
  EXPECT_GT(*share, 0);
  EXPECT_DOUBLE_EQ(*watch.share(some, 2), *share / 2);
}

TEST(ShareOfPeak, StandsOnTheProgressLineWhereItIsKnown) {
  UpdateStats stats;
  EXPECT_EQ(summary(stats).find("peak"), std::string::npos);
  stats.share_of_peak = 0.426;
  EXPECT_NE(summary(stats).find("  43 % of peak"), std::string::npos) << summary(stats);
}

}  // namespace
}  // namespace drf::train
