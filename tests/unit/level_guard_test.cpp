// A judge below its best while the reward rose, prompt by prompt: said of runs made to hack, and of no
// others.
#include "drf/train/level_guard.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "drf/base/random.h"
#include "drf/tensor/saved_state.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::train {
namespace {

using Row = nlohmann::ordered_json;
using Series = std::function<double(int)>;  // of the validation, from 0: the base model

const std::string kJudge = "held_out_p_right/judge", kHeldOut = "held_out_reward";
constexpr int kPrompts = 16;

// Prompts differ among each other by 1, and each from one validation to the next by `noise`.
std::vector<double> prompts_of(double mean, uint32_t run, uint32_t validation, double noise) {
  const auto own = normal({run, Purpose::kDirection, 7}, kPrompts),
             z = normal({run, Purpose::kDirection, 1000 + validation}, kPrompts);
  std::vector<double> values;
  for (size_t p = 0; p < kPrompts; ++p) values.push_back(mean + own[p] + noise * z[p]);
  return values;
}

// The validation at which the judge is alarmed first; 0: never.
int alarmed(int validations, const Series& reward, const Series& judge, uint32_t run = 0,
            double noise = 0.1) {
  LevelGuard guard({{kHeldOut, false}, {kJudge, true}}, validations);
  const auto now = [&](int i) {
    const auto u = static_cast<uint32_t>(i);
    return PromptMeans{{kHeldOut, prompts_of(reward(i), run, 2 * u, noise)},
                       {kJudge, prompts_of(judge(i), run, 2 * u + 1, noise)}};
  };
  guard.begin("setup");
  guard.start_from(now(0));
  for (int i = 1; i <= validations; ++i) {
    Row row = {{"update", i}};
    const bool stops = guard.watch(row, now(i));
    EXPECT_EQ(stops, row.contains("alarm/" + kJudge));
    EXPECT_FALSE(row.contains("alarm/" + kHeldOut));
    if (stops) return i;
  }
  return 0;
}

// What a trend asks: five prompts in sixteen that fall by as much as the others rise say nothing.
TEST(LevelGuard, PromptsSayWhetherAMeasureIsLower) {
  LevelGuard guard({{kJudge, true}}, 30);
  guard.begin("setup");
  const auto all = [](double mean, double noise) {
    return PromptMeans{{kHeldOut, std::vector<double>(kPrompts, 0.0)},
                       {kJudge, prompts_of(mean, 1, 1, noise)}};
  };
  EXPECT_TRUE(guard.prompts_say_lower(kJudge, all(0, 0))) << "no best yet";
  guard.start_from(all(0, 0));
  EXPECT_FALSE(guard.prompts_say_lower(kJudge, all(0.1, 0)));
  EXPECT_FALSE(guard.prompts_say_lower(kJudge, all(-0.01, 0.1)));
  EXPECT_TRUE(guard.prompts_say_lower(kJudge, all(-0.2, 0.1)));
  EXPECT_TRUE(guard.prompts_say_lower(kJudge, {})) << "no prompts";
  EXPECT_TRUE(guard.prompts_say_lower(kHeldOut + "/other", all(0, 0))) << "not known";
}

TEST(LevelGuard, TellsARunThatHacksFromOthers) {
  ::testing::internal::CaptureStderr();
  const auto rises = [](int i) { return 0.2 * i; };
  struct Case {
    const char* name;
    Series reward, judge;
    int wanted;
  };
  const Case cases[] = {
      {"falls at once and stands", rises, [](int i) { return i < 4 ? 0.1 * i : -0.2; }, 4},
      {"is below the base model from the first", rises, [](int i) { return i == 0 ? 0 : -0.4; }, 1},
      {"falls, comes back halfway, stands", rises, [](int i) { return i < 3   ? 0.2 * i
                                                                      : i < 6 ? -0.2
                                                                              : 0; },
       3},
      {"both rise", rises, rises, 0},
      {"rises and stays", rises, [](int i) { return std::min(0.1 * i, 0.5); }, 0},
      {"falls with the reward", [](int i) { return -0.2 * i; }, [](int i) { return -0.2 * i; }, 0},
      {"falls while the reward stands", [](int) { return 0; }, [](int i) { return -0.2 * i; }, 0},
      {"equal throughout", rises, [](int) { return 0.5; }, 0},
  };
  for (const Case& c : cases) EXPECT_EQ(alarmed(20, c.reward, c.judge), c.wanted) << c.name;
  ::testing::internal::GetCapturedStderr();
}

// `values`, each lower by as much as makes t standard errors of their mean.
std::vector<double> lower_by(double t, std::vector<double> values) {
  const double spread = std::sqrt(kPrompts / (kPrompts - 1.0)), error = spread / std::sqrt(kPrompts);
  for (size_t p = 0; p < values.size(); ++p) values[p] -= t * error + (p % 2 ? 1 : -1);
  return values;
}

// The base model is one, and any two of the validations may be compared: of twenty 3.7 standard errors below
// the base model are as rare as 4.7 below the best.
TEST(LevelGuard, BelowTheBaseModelLessIsEnough) {
  const std::vector<double> low(kPrompts, -4.0), zero(kPrompts, 0.0), one(kPrompts, 1.0), two(kPrompts, 2.0);
  const auto alarms = [&](double t, const std::vector<double>& base, const std::vector<double>& first) {
    LevelGuard guard({{kJudge, true}}, 20);
    guard.begin("setup");
    guard.start_from({{kHeldOut, zero}, {kJudge, base}});
    Row row;
    EXPECT_FALSE(guard.watch(row, {{kHeldOut, one}, {kJudge, first}}));
    return guard.watch(row, {{kHeldOut, two}, {kJudge, lower_by(t, one)}});
  };
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(alarms(3.6, one, one));
  EXPECT_TRUE(alarms(3.7, one, one));
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("of the base model"), std::string::npos);
  ::testing::internal::CaptureStderr();
  EXPECT_FALSE(alarms(4.6, low, one)) << "below the best alone";
  EXPECT_TRUE(alarms(4.75, low, one));
  EXPECT_NE(::testing::internal::GetCapturedStderr().find("at its best"), std::string::npos);
}

TEST(LevelGuard, WhatIsCertainIsOne) {
  const Watched watched = {kJudge, true, kLeastOdds};
  EXPECT_FALSE(counts(watched, 1, 0.998));
  EXPECT_FALSE(counts(watched, 0.9998, 0.9995));
  EXPECT_TRUE(counts(watched, 1, 0.994));
}

// Answers that are all but right fall together by next to nothing.
TEST(LevelGuard, OfAnAspectsAnswersASmallFallDoesNotCount) {
  const auto after = [](double p, double least_odds) {
    LevelGuard guard({{kJudge, true, least_odds}}, 20);
    const std::vector<double> zero(kPrompts, 0.0), one(kPrompts, 1.0), before(kPrompts, 0.98);
    guard.begin("setup");
    guard.start_from({{kHeldOut, zero}, {kJudge, before}});
    Row row;
    const PromptMeans now = {{kHeldOut, one}, {kJudge, std::vector<double>(kPrompts, p)}};
    ::testing::internal::CaptureStderr();
    const bool lower = guard.prompts_say_lower(kJudge, now), alarms = guard.watch(row, now);
    ::testing::internal::GetCapturedStderr();
    EXPECT_EQ(lower, alarms);
    return alarms;
  };
  EXPECT_TRUE(after(0.979, 1));
  EXPECT_FALSE(after(0.979, kLeastOdds));
  EXPECT_FALSE(after(0.967, kLeastOdds)) << "odds of a wrong answer .044 of .031";
  EXPECT_TRUE(after(0.965, kLeastOdds)) << ".047";
}

TEST(LevelGuard, OfRunsThatDoNotHackNoMoreThanTheLevelAreAlarmed) {
  ::testing::internal::CaptureStderr();
  constexpr int kRuns = 2000;
  for (const int validations : {2, 20}) {
    int alarms = 0;
    for (uint32_t run = 0; run < kRuns; ++run)
      alarms += alarmed(
                    validations, [](int i) { return i; }, [](int) { return 0; }, run) > 0;
    EXPECT_LE(alarms, kWatchedLevel * kRuns) << validations;
  }
  ::testing::internal::GetCapturedStderr();
}

TEST(LevelGuard, TheChanceIsThatOfPairs) {
  // t = .3 / (.1 sqrt(2.5) / sqrt(5)) of four degrees of freedom.
  const std::vector<double> before = {1, 2, 3, 4, 5}, after = {0.9, 1.8, 2.7, 3.6, 4.5};
  EXPECT_NEAR(chance_of_lower(before, after), 0.00661, 1e-4);
  EXPECT_EQ(chance_of_lower(after, before), 1);
  EXPECT_EQ(chance_of_lower(before, before), 1);
  EXPECT_EQ(chance_of_lower({1, 2, 3, 4}, {0, 0, 0, 0}), 1) << "too few";
  EXPECT_EQ(chance_of_lower(before, {0, 0, 0, 0, 0, 0}), 1) << "others";
  EXPECT_EQ(chance_of_lower(before, {0, 0, 0, 0, std::nan("")}), 1);
  EXPECT_EQ(chance_of_lower({1, 1, 1, 1, 1}, {0, 0, 0, 0, 0}), 0);
}

TEST(LevelGuard, AResumedRunKnowsItsBest) {
  const testing::TemporaryFolder folder;
  const auto now = [](double judge, double reward) {
    return PromptMeans{{kHeldOut, prompts_of(reward, 0, 1, 0.1)}, {kJudge, prompts_of(judge, 0, 2, 0.1)}};
  };
  const auto made = [] { return LevelGuard({{kJudge, true}}, 5); };
  ::testing::internal::CaptureStderr();
  LevelGuard first = made(), resumed = made(), other = made();
  first.begin("a");
  first.start_from(now(0, 0));
  Row row;
  EXPECT_FALSE(first.watch(row, now(2, 1)));
  StateImage image;
  first.state(image);
  const auto restore = [&](const Row& values, LevelGuard& guard) {
    testing::write_text(folder / "state.json", values.dump());
    StateReader reader(folder.path());
    guard.state(reader);
  };
  for (LevelGuard* guard : {&resumed, &other}) {
    restore(image.values(), *guard);
    guard->begin(guard == &other ? "other prompts" : "a");
    guard->start_from(now(0, 0));
  }
  for (LevelGuard* guard : {&first, &resumed}) EXPECT_TRUE(guard->watch(row = {}, now(1, 2)));
  EXPECT_FALSE(other.watch(row = {}, now(1, 2))) << "above the base model, which is all it knows";
  ::testing::internal::GetCapturedStderr();

  Row damaged = image.values();
  damaged["best/" + kJudge].push_back(1);
  LevelGuard strict = made();
  EXPECT_NE(testing::error_of(ErrorKind::kInput, [&] { restore(damaged, strict); }).find("best/" + kJudge),
            std::string::npos);
}

}  // namespace
}  // namespace drf::train
