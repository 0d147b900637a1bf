// Which steps train, at which update.
#include "drf/diffusion/step_policy.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "drf/diffusion/step_sizes.h"
#include "tests/support/expect_error.h"

namespace drf::diffusion {
namespace {

using drf::testing::error_of;
using drf::testing::says;

StepPolicyOptions options(const std::string& policy, int64_t K, const std::vector<int64_t>& steps = {},
                          int64_t draws = 2, uint64_t seed = 0) {
  return {policy, K, steps, draws, seed};
}

std::vector<int64_t> trained(const Walk& walk) {
  std::vector<int64_t> levels;
  for (const Move& move : walk.gradient) {
    if (move.trains) levels.push_back(move.from);
  }
  return levels;
}

// From level 0 to level N without a gap; the rollout trains nothing, what follows begins with a step that
// does.
void expect_whole(const Walk& walk, int64_t N) {
  int64_t level = 0;
  for (const Move& move : walk.rollout) {
    EXPECT_EQ(move.from, level);
    EXPECT_FALSE(move.trains);
    level = move.to;
  }
  if (walk.renoise_to >= 0) {
    EXPECT_EQ(level, N);
    level = walk.renoise_to;
  }
  ASSERT_FALSE(walk.gradient.empty());
  EXPECT_TRUE(walk.gradient.front().trains);
  for (const Move& move : walk.gradient) {
    EXPECT_EQ(move.from, level);
    EXPECT_GT(move.to, move.from);
    level = move.to;
  }
  EXPECT_EQ(level, N);
}

TEST(StepPolicy, EveryPolicyWalksFromNoiseToClipWithKTrainedSteps) {
  for (const int64_t N : {1, 2, 7, 30}) {
    for (int64_t K = 1; K <= N; ++K) {
      for (const char* name : {"last", "random", "uniform"}) {
        const auto policy = make_step_policy(options(name, K, {}, 1, 3), N);
        for (int64_t update = 0; update < 5; ++update) {
          expect_whole(policy->walk(update), N);
          EXPECT_EQ(trained(policy->walk(update)).size(), static_cast<size_t>(K)) << name;
        }
      }
    }
    expect_whole(make_step_policy(options("low_variance", 1, {}, 4), N)->walk(0), N);
  }
}

TEST(StepPolicy, FixedPoliciesTrainTheStepsTheyName) {
  const auto steps = [](const StepPolicyOptions& o, int64_t N) {
    return trained(make_step_policy(o, N)->walk(11));
  };
  EXPECT_EQ(steps(options("last", 3), 8), (std::vector<int64_t>{5, 6, 7}));
  EXPECT_EQ(steps(options("uniform", 3), 8), (std::vector<int64_t>{1, 4, 7}));
  EXPECT_EQ(steps(options("uniform", 4), 8), (std::vector<int64_t>{1, 3, 5, 7}));
  EXPECT_EQ(steps(options("uniform", 1), 8), (std::vector<int64_t>{7}));
  EXPECT_EQ(steps(options("list", 3, {0, 4, 6}), 8), (std::vector<int64_t>{0, 4, 6}));
  const Walk list = make_step_policy(options("list", 2, {2, 4}), 6)->walk(0);
  EXPECT_EQ(list.rollout, (std::vector<Move>{{0, 1}, {1, 2}}));
  EXPECT_EQ(list.gradient, (std::vector<Move>{{2, 3, true}, {3, 4}, {4, 5, true}, {5, 6}}));
}

TEST(StepPolicy, RandomStopsEverywhereAlikeAndProjectsFromThere) {
  const int64_t N = 6, K = 2, updates = 5000;
  const auto policy = make_step_policy(options("random", K, {}, 1, 1), N);
  std::map<int64_t, int64_t> stops;
  for (int64_t update = 0; update < updates; ++update) {
    const Walk walk = policy->walk(update);
    ASSERT_EQ(walk.gradient.size(), 2u);
    EXPECT_EQ(walk.gradient.front().to, walk.gradient.front().from + 1);
    EXPECT_EQ(walk.gradient.back().to, N);
    ++stops[walk.gradient.back().from];
  }
  ASSERT_EQ(stops.size(), 5u);  // the last of two steps is one of 1 .. 5
  for (const auto& [step, count] : stops) EXPECT_NEAR(static_cast<double>(count), 1000, 5 * 28.3) << step;
}

// What docs/numerics.md says, computed by ten rounds of Philox4x32 in Python: counter {0, 3 << 16, 0, update}
// (3 is the purpose), key = the seed's two words, the first two words of the block as one number of 64 bits,
// modulo N - K + 1.
TEST(StepPolicy, TheDrawIsThatOfTheDocumentedGenerator) {
  const auto firsts = [](int64_t N, int64_t K, uint64_t seed, int64_t updates) {
    const auto policy = make_step_policy(options("random", K, {}, 1, seed), N);
    std::vector<int64_t> firsts;
    for (int64_t update = 0; update < updates; ++update)
      firsts.push_back(policy->walk(update).gradient.front().from);
    return firsts;
  };
  EXPECT_EQ(firsts(8, 2, 0, 10), (std::vector<int64_t>{5, 4, 1, 5, 2, 2, 2, 4, 5, 6}));
  EXPECT_EQ(firsts(8, 1, 7, 10), (std::vector<int64_t>{1, 7, 5, 5, 0, 3, 0, 3, 5, 0}));
  EXPECT_EQ(firsts(1000, 2, 1, 5), (std::vector<int64_t>{435, 788, 733, 524, 18}));
  EXPECT_EQ(firsts(1000, 2, 0x1122334455667788, 8).back(), 738);
}

TEST(StepPolicy, DrawsDependOnSeedAndUpdateAlone) {
  const auto first = [](uint64_t seed, int64_t update) {
    return make_step_policy(options("random", 2, {}, 1, seed), 1000)->walk(update).gradient.front().from;
  };
  EXPECT_EQ(first(1, 7), first(1, 7));
  EXPECT_NE(first(1, 7), first(1, 8));
  EXPECT_NE(first(1, 7), first(2, 7));
}

TEST(StepPolicy, LowVarianceTrainsTheLastStepFromRenoisedClips) {
  const Walk walk = make_step_policy(options("low_variance", 1, {}, 3), 8)->walk(0);
  EXPECT_EQ(walk.rollout.size(), 8u);
  EXPECT_EQ(walk.gradient, (std::vector<Move>{{7, 8, true}}));
  EXPECT_EQ(walk.renoise_to, 7);
  EXPECT_EQ(walk.draws, 3);
}

TEST(StepPolicy, WhatCannotBeIsRefused) {
  const std::vector<std::pair<StepPolicyOptions, std::string>> cases = {
      {options("last", 0), "flow.K is 0, must be between 1 and sampling.steps = 8"},
      {options("last", 9), "flow.K is 9"},
      {options("list", 1, {}), "flow.steps is []"},
      {options("list", 2, {4, 4}), "rising steps from 0 to 7"},
      {options("list", 2, {5, 4}), "rising steps from 0 to 7"},
      {options("list", 1, {8}), "flow.steps is [8]"},
      {options("list", 1, {-1}), "flow.steps is [-1]"},
      {options("low_variance", 1, {}, 0), "flow.draws is 0"},
      {options("newest", 1), "flow.policy is 'newest'"},
  };
  for (const auto& [refused, part] : cases) {
    EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { make_step_policy(refused, 8); }), part));
  }
}

// What is warned of: the found texts, one after the other.
std::string warned(EulerLevels levels, int64_t steps, double shift, const StepPolicyOptions& policy) {
  std::string all;
  for (const auto& [found, remedy] :
       step_warnings(euler_schedule({levels, steps, shift}), make_step_policy(policy, steps).get())) {
    EXPECT_FALSE(remedy.empty());
    all += found + "\n";
  }
  return all;
}

TEST(StepSizes, AreWhatIsLeftOfSigma) {
  const Schedule schedule = euler_schedule({EulerLevels::kFlow, 8, 3.0});
  const auto sizes = [&](const StepPolicyOptions& policy) {
    return step_sizes(schedule, make_step_policy(policy, 8)->walk(0));
  };
  EXPECT_NEAR(sizes(options("last", 5)).trained, 0.832962757, 1e-6);
  EXPECT_NEAR(sizes(options("last", 5)).last, 0.299759952, 1e-6);
  EXPECT_NEAR(sizes(options("list", 2, {3, 7})).trained, 0.832962757 - 0.749624812 + 0.299759952, 1e-6);
  EXPECT_NEAR(sizes(options("low_variance", 1)).trained, 0.299759952, 1e-6);
}

TEST(StepSizes, NothingIsSaidOfTheDefaultsAndTheRecipes) {
  EXPECT_EQ(warned(EulerLevels::kFlow, 30, 3.0, options("last", 2)), "");
  EXPECT_EQ(warned(EulerLevels::kFlow, 30, 3.0, options("low_variance", 1)), "");
  EXPECT_EQ(warned(EulerLevels::kFlow, 8, 3.0, options("last", 5)), "");
  EXPECT_EQ(warned(EulerLevels::kFlow, 20, 3.0, options("random", 1)), "");
}

TEST(StepSizes, ALastStepThatDoesNothingIsNamed) {
  const std::string text = warned(EulerLevels::kDiffusers, 8, 3.0, options("last", 5));
  EXPECT_TRUE(says(text, "the last of 8 steps moves sigma by 0.0089"));
  EXPECT_EQ(text.find("steps that train"), std::string::npos) << text;
  EXPECT_TRUE(says(warned(EulerLevels::kFlow, 100, 1.0, options("last", 50)), "the last of 100 steps"));
  EXPECT_EQ(step_warnings(euler_schedule({EulerLevels::kDiffusers, 8, 3.0}), nullptr).size(),
            1u);  // all steps train
}

TEST(StepSizes, StepsThatTrainTooLittleTogetherAreNamed) {
  EXPECT_TRUE(says(warned(EulerLevels::kDiffusers, 8, 3.0, options("last", 1)),
                   "the steps that train move sigma by 0.0089"));
  // Without a shift every step is one thirtieth.
  EXPECT_TRUE(says(warned(EulerLevels::kFlow, 30, 1.0, options("last", 1)),
                   "the steps that train move sigma by 0.0333"));
  EXPECT_EQ(warned(EulerLevels::kFlow, 30, 1.0, options("last", 2)), "");
  // One draw in thirty trains the last step alone: the least counts.
  EXPECT_TRUE(says(warned(EulerLevels::kFlow, 30, 1.0, options("random", 1)),
                   "the steps that train move sigma by 0.0333"));
}

}  // namespace
}  // namespace drf::diffusion
