// Which steps train, at which update.
#include "drf/diffusion/step_policy.h"

#include <gtest/gtest.h>

#include <cmath>
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
      for (const char* name : {"last", "random", "uniform", "sparse"}) {
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

StepPolicyOptions last_drawn(int64_t K_min, int64_t K) {
  StepPolicyOptions o = options("last", K);
  o.K_min = K_min;
  return o;
}
StepPolicyOptions windowed(int64_t K, int64_t window) {
  StepPolicyOptions o = options("random", K);
  o.window = window;
  return o;
}
StepPolicyOptions sparse(int64_t K, double bias) {
  StepPolicyOptions o = options("sparse", K);
  o.bias = bias;
  return o;
}
std::vector<std::vector<int64_t>> walked(const StepPolicyOptions& o, int64_t N, int64_t updates) {
  std::vector<std::vector<int64_t>> steps;
  for (int64_t update = 0; update < updates; ++update)
    steps.push_back(trained(make_step_policy(o, N)->walk(update)));
  return steps;
}

// The expected numbers of the next tests are of the same few lines of Python, with the draws as written in
// docs/numerics.md: a power and a sort for "sparse", no logarithm.
TEST(StepPolicy, LastMayDrawItsK) {
  std::vector<int64_t> K;
  const auto policy = make_step_policy(last_drawn(1, 8), 8);
  for (int64_t update = 0; update < 8; ++update) {
    const Walk walk = policy->walk(update);
    expect_whole(walk, 8);
    EXPECT_EQ(trained(walk).back(), 7);
    K.push_back(static_cast<int64_t>(trained(walk).size()));
  }
  EXPECT_EQ(K, (std::vector<int64_t>{4, 7, 4, 7, 3, 7, 5, 8}));
  EXPECT_EQ(policy->may_train().size(), 8u);
  EXPECT_EQ(make_step_policy(last_drawn(2, 4), 8)->may_train(), (std::vector<int64_t>{4, 5, 6, 7}));
  EXPECT_EQ(walked(last_drawn(2, 4), 8, 3),
            (std::vector<std::vector<int64_t>>{{6, 7}, {4, 5, 6, 7}, {5, 6, 7}}));
  EXPECT_EQ(walked(last_drawn(3, 3), 8, 2), walked(options("last", 3), 8, 2));
}

TEST(StepPolicy, RandomMayStopAmongTheLastStepsAlone) {
  std::vector<int64_t> stops;
  const auto refl = make_step_policy(windowed(1, 11), 25);
  for (int64_t update = 0; update < 8; ++update) {
    const Walk walk = refl->walk(update);
    expect_whole(walk, 25);
    stops.push_back(walk.gradient.back().from);
  }
  EXPECT_EQ(stops, (std::vector<int64_t>{18, 15, 20, 19, 19, 17, 16, 20}));
  EXPECT_EQ(refl->may_train().front(), 14);
  EXPECT_EQ(walked(windowed(2, 4), 8, 3), (std::vector<std::vector<int64_t>>{{6, 7}, {5, 6}, {6, 7}}));
  EXPECT_EQ(make_step_policy(windowed(2, 4), 8)->may_train(), (std::vector<int64_t>{3, 4, 5, 6, 7}));
  EXPECT_EQ(walked(windowed(3, 8), 8, 20), walked(options("random", 3), 8, 20)) << "the whole way";
  EXPECT_EQ(walked(windowed(8, 2), 8, 1).front().size(), 8u) << "K steps fit whatever the window";
}

TEST(StepPolicy, SparseDrawsStepsOneByOneByTheirWeights) {
  const std::vector<std::vector<int64_t>> flat = {{1, 2, 5}, {1, 4, 6}, {2, 6, 7}, {2, 3, 5}},
                                          rising = {{1, 4, 5}, {1, 4, 6}, {4, 6, 7}, {3, 5, 6}},
                                          steep = {{4, 5, 7}, {5, 6, 7}, {4, 6, 7}, {5, 6, 7}};
  EXPECT_EQ(walked(sparse(3, 0), 8, 4), flat);
  EXPECT_EQ(walked(sparse(3, 1), 8, 4), rising);
  EXPECT_EQ(walked(sparse(3, 4), 8, 4), steep);
  EXPECT_EQ(make_step_policy(sparse(3, 4), 8)->may_train().size(), 8u);
  // First i of weights 1, 2, 3, 4, then j of what is left, and the other way round.
  const double updates = 20000, all = 10;
  std::map<std::vector<int64_t>, double> counts;
  for (const auto& steps : walked(sparse(2, 1), 4, static_cast<int64_t>(updates))) ++counts[steps];
  for (int64_t i = 0; i < 4; ++i) {
    for (int64_t j = i + 1; j < 4; ++j) {
      const auto a = static_cast<double>(i + 1), b = static_cast<double>(j + 1);
      const double p = a / all * b / (all - a) + b / all * a / (all - b);
      const double count = counts[{i, j}];
      EXPECT_NEAR(count, updates * p, 4.5 * std::sqrt(updates * p * (1 - p))) << i << " and " << j;
    }
  }
}

TEST(StepPolicy, TwoStepsThatTrainMayLeap) {
  const auto check = [](StepPolicyOptions o) {
    for (int64_t update = 0; update < 20; ++update) {
      o.leap = false;
      const std::vector<int64_t> steps = trained(make_step_policy(o, 8)->walk(update));
      o.leap = true;
      const Walk walk = make_step_policy(o, 8)->walk(update);
      EXPECT_TRUE(walk.leap);
      EXPECT_EQ(walk.rollout, single_steps(0, 8));
      EXPECT_EQ(walk.gradient, (std::vector<Move>{{steps[0], steps[1], true}, {steps[1], 8, true}}));
    }
  };
  check(options("list", 2, {2, 5}));
  check(sparse(2, 0));
}

TEST(StepPolicy, OneSplitIsDrawnAfterTheFirstStepThatTrains) {
  const auto splits = [](StepPolicyOptions o, int64_t updates) {
    o.one_nested = true;
    std::vector<int64_t> levels;
    for (int64_t update = 0; update < updates; ++update) {
      const Walk walk = make_step_policy(o, 8)->walk(update);
      StepPolicyOptions plain = o;
      plain.one_nested = false;
      EXPECT_EQ(walk.gradient, make_step_policy(plain, 8)->walk(update).gradient);
      for (const Move& move : walk.gradient)
        EXPECT_EQ(walk.nested(move, 0.3), move.from == walk.split ? 0.3 : 0);
      levels.push_back(walk.split);
    }
    return levels;
  };
  EXPECT_EQ(splits(options("list", 2, {1, 6}), 8), (std::vector<int64_t>{2, 4, 4, 4, 2, 6, 2, 6}));
  EXPECT_EQ(splits(options("last", 3), 11), (std::vector<int64_t>{6, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7}));
  EXPECT_EQ(splits(options("last", 1), 2), (std::vector<int64_t>{7, 7})) << "nothing else is there";
  const Walk walk = make_step_policy(options("last", 2), 8)->walk(0);
  for (const Move& move : walk.gradient) EXPECT_EQ(walk.nested(move, 0.3), 0.3);
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
      {last_drawn(3, 2), "flow.K_min is 3, must be between 1 and flow.K = 2"},
      {windowed(1, 9), "flow.window is 9, must be between 0 and sampling.steps = 8"},
      {sparse(1, 21), "flow.bias is 21"},
      {{"last", 2, {}, 2, 0, 0, 0, 1, true}, "wanted two of policy sparse or list"},
      {{"sparse", 3, {}, 2, 0, 0, 0, 1, true}, "flow.leap is true, but policy 'sparse' trains 3"},
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
