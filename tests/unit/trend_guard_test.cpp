// A reward that rises while what is not trained on falls: said of series made to hack, and of no others.
#include "drf/train/trend_guard.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <nlohmann/json.hpp>

#include "drf/base/random.h"
#include "drf/tensor/saved_state.h"
#include "drf/train/base_clips.h"
#include "drf/train/merit.h"
#include "tests/support/expect_error.h"
#include "tests/support/golden.h"
#include "tests/support/temporary_folder.h"

namespace drf::train {
namespace {

using Row = nlohmann::ordered_json;
using Series = std::function<double(int)>;  // of the validation, from 1

const std::string kJudge = "held_out_reward/pick", kHeldOut = "held_out_reward",
                  kQuestions = "p_right/held_out";

TrendGuard judged(int validations) { return TrendGuard({{kHeldOut, false}, {kJudge, true}}, validations); }

// Where nothing is known prompt by prompt, the trend alone decides.
bool unknown(const std::string&) { return true; }

// The validation at which `measure` is alarmed first; 0: never.
int alarmed(int validations, const Series& reward, const Series& judge, double base = -100) {
  TrendGuard guard = judged(validations);
  guard.begin("setup");
  guard.start_from({{kJudge, base}});
  for (int i = 1; i <= validations; ++i) {
    guard.learn(reward(i));
    Row row = {{kHeldOut, reward(i)}, {kJudge, judge(i)}};
    const bool stops = guard.watch(row, unknown);
    EXPECT_EQ(stops, row.contains("alarm/" + kJudge));
    EXPECT_FALSE(row.contains("alarm/" + kHeldOut));
    if (stops) return i;
  }
  return 0;
}

// A little noise, the same each time.
double noise(int i, uint32_t which = 0) {
  return normal({which, Purpose::kDirection, 1}, 300)[static_cast<size_t>(i)];
}

TEST(TrendGuard, TellsARunThatHacksFromOthers) {
  ::testing::internal::CaptureStderr();
  struct Case {
    const char* name;
    Series reward, judge;
    int wanted;  // alarmed first; 0: never
  };
  const auto rises = [](int i) { return 0.1 * i; };
  const auto falls = [](int i) { return -0.1 * i; };
  const Case cases[] = {
      {"falls from the first", rises, falls, 7},  // six after the best: 1 / 720 is below .05 / 20
      {"rises, then falls", rises, [](int i) { return -std::abs(i - 8); }, 15},  // 1 / 5040
      {"rises, then falls, with noise", [](int i) { return 0.1 * i + 0.05 * noise(i); },
       [](int i) { return -std::abs(i - 6) + 0.3 * noise(i, 1); }, 13},
      {"both rise", rises, rises, 0},
      {"rises and stays", rises, [](int i) { return std::min(i, 8) + 0.1 * noise(i); }, 0},
      {"noise alone", rises, [](int i) { return noise(i); }, 0},
      {"both fall: nothing is hacked", falls, falls, 0},
      {"falls while the reward stands", [](int i) { return noise(i); }, falls, 0},
      {"falls at once to a level and stays there", rises,
       [](int i) {
         return (i < 6 ? 2 : i < 8 ? 1 : 0) + 0.1 * noise(i, 3);
       },
       10},
      {"one step down is a fall, seen late", rises,
       [](int i) { return (i < 10 ? 1 : 0) + 0.1 * noise(i, 2); }, 19},
      {"equal throughout", rises, [](int) { return 0.5; }, 0},
  };
  for (const Case& c : cases) EXPECT_EQ(alarmed(20, c.reward, c.judge), c.wanted) << c.name;
  // The base model counts as the first validation: below it from the start, one earlier.
  EXPECT_EQ(alarmed(20, rises, falls, 1), 6);
  // More validations, more chances to be wrong: each is tested more strictly.
  EXPECT_EQ(alarmed(200, rises, falls), 8);
  EXPECT_EQ(alarmed(5, rises, falls, 1), 5) << "the fewest that config allows to be stopped by";
  EXPECT_EQ(alarmed(4, rises, falls, 1), 0);
  ::testing::internal::GetCapturedStderr();
}

// The level is that of a whole run: of runs whose judge is noise about nothing no more are alarmed.
TEST(TrendGuard, OfRunsThatDoNotHackNoMoreThanTheLevelAreAlarmed) {
  ::testing::internal::CaptureStderr();
  constexpr int kRuns = 1000;
  for (const int validations : {10, 40}) {
    int alarms = 0;
    for (uint32_t run = 0; run < kRuns; ++run) {
      const auto z = normal({run, Purpose::kDirection, 2}, 64);
      alarms +=
          alarmed(
              validations, [](int i) { return i; }, [&](int i) { return z[static_cast<size_t>(i)]; }) > 0;
    }
    EXPECT_LE(alarms, kWatchedLevel * kRuns) << validations;
  }
  ::testing::internal::GetCapturedStderr();
}

// A judge that drifts down by next to nothing on the clips of each validation, which are the same ones.
TEST(TrendGuard, WhatPromptsDoNotSayIsNoAlarm) {
  ::testing::internal::CaptureStderr();
  TrendGuard guard = judged(12);
  guard.begin("setup");
  for (int i = 1; i <= 12; ++i) {
    guard.learn(i);
    Row row = {{kHeldOut, i}, {kJudge, -1e-6 * i}};
    const bool lower = i > 10;
    EXPECT_EQ(guard.watch(row, [&](const std::string& measure) { return measure != kJudge || lower; }), lower)
        << i;
    EXPECT_EQ(row.contains("alarm/" + kJudge), lower) << i;
  }
  ::testing::internal::GetCapturedStderr();
}

// What stops a run is what the best checkpoint is the best of, and nothing else.
TEST(TrendGuard, TheMeritOfAValidationAloneEndsARun) {
  run::RunConfig config;
  run::PromptSets prompts;
  prompts.train.prompts = {"a"};
  prompts.held_out.prompts = {"b"};
  const auto stops = [&] {
    std::string all;
    for (const Watched& watched : watched_by(config, merit_of(config, prompts)))
      if (watched.stops) all += watched.measure + " ";
    return all;
  };
  EXPECT_EQ(stops(), "held_out_reward ");
  questions::Question question;
  question.held_out = true;
  question.kind = questions::Kind::kYesNo;
  prompts.train.unseen = {{question}};
  EXPECT_EQ(stops(), "p_right/held_out ");
  prompts.train.unseen[0][0].paraphrase_of = "q";
  EXPECT_EQ(stops(), "held_out_reward ") << "a paraphrase is not counted among the held-out";
  config.rewards.resize(2);
  config.rewards[1].kind = config.rewards[1].name = "clip";
  config.rewards[1].judge = true;
  EXPECT_EQ(stops(), "held_out_reward/clip ");
  config.rewards.push_back(config.rewards[1]);
  config.rewards[2].name = "pick";
  EXPECT_EQ(stops(), "held_out_judges ");
  EXPECT_EQ(watched_by(config, merit_of(config, prompts)).size(), 14u)
      << "each judge may still alarm, by its reward and by p(right), over all and by aspect";
  for (const Watched& watched : watched_by(config, merit_of(config, prompts)))
    EXPECT_EQ(watched.least_odds > 1, watched.measure.find("p_right_") != std::string::npos)
        << watched.measure;
  const auto watches = [&](const std::string& name) {
    const std::vector<Watched> all = watched_by(config, merit_of(config, prompts));
    return std::any_of(all.begin(), all.end(), [&](const Watched& each) { return each.measure == name; });
  };
  EXPECT_FALSE(watches("held_out_p_right_TA")) << "trained on";
  EXPECT_TRUE(watches("held_out_p_right_TA/pick"));
  config.rewards[0].judge = true;
  EXPECT_TRUE(watches("held_out_p_right_TA") && watches("held_out_p_right")) << "its answers have no name";
  config.rewards[0].judge = false;
  std::map<std::string, double> shown = {{"held_out_reward/clip", 1}, {"held_out_reward/pick", 3}};
  add_judges(config, shown);
  EXPECT_EQ(shown["held_out_judges"], 4);
}

TEST(TrendGuard, WhatIsNotShownOfTheBaseModelIsKnownByPrompt) {
  BaseClips base;
  base.shown = {{kJudge, 1}};
  base.by_prompt = {{kJudge, {5, 5}}, {"held_out_p_right_TA/judge", {0.25, 0.75}}};
  EXPECT_EQ(measures_of(base),
            (std::map<std::string, double>{{kJudge, 1}, {"held_out_p_right_TA/judge", 0.5}}));
}

// After --accept-changes a question file may have no held-out questions any more, or a validation of one of
// the measures may fail.
TEST(TrendGuard, AMeasureThatIsMissingIsPassedOverAlone) {
  ::testing::internal::CaptureStderr();
  TrendGuard guard({{kQuestions, false}, {kJudge, true}}, 5);
  guard.start_from({{kJudge, 0}, {kQuestions, 0}});
  for (int i = 1; i <= 6; ++i) {
    guard.learn(i);
    Row row = {{kJudge, -i}};
    if (i != 2 && i < 4) row[kQuestions] = -i;
    if (i == 4) row[kQuestions] = std::nan("");
    EXPECT_EQ(guard.watch(row, unknown), i >= 5) << i;
    EXPECT_FALSE(row.contains("alarm/" + kQuestions));
  }
  Row row = {{kQuestions, -7}};  // the updates since its last value are one stretch of it
  EXPECT_FALSE(guard.watch(row, unknown));
  for (int i = 8; i <= 9; ++i) {
    guard.learn(i);
    row = {{kQuestions, -i}};
    guard.watch(row, unknown);
  }
  EXPECT_TRUE(row.contains("alarm/" + kQuestions)) << "five values of its own: -1, -3, -7, -8, -9";
  ::testing::internal::GetCapturedStderr();
}

TEST(TrendGuard, TheTrainingRewardIsTheMeanOfTheUpdatesSinceTheLastValidation) {
  TrendGuard guard({{kQuestions, true}}, 5);
  const auto validation = [&](int i) {
    Row row = {{kQuestions, 1.0 / i}};
    return guard.watch(row, unknown);
  };
  guard.start_from({{kQuestions, 2}});
  EXPECT_FALSE(validation(1)) << "no update was made: nothing to hold it against";
  for (int i = 1; i <= 5; ++i) {
    guard.learn(i - 10);  // rises as a mean only
    guard.learn(i + (i % 2 ? 10 : 10.5));
    guard.learn(std::nan(""));
    EXPECT_EQ(validation(i), i == 5) << i;
  }
}

// A run of few prompts an update has a noisy training reward; the held-out one is of the same clips each
// time.
TEST(TrendGuard, TheHeldOutRewardTellsOfARiseToo) {
  ::testing::internal::CaptureStderr();
  const auto alarmed_with = [](const Series& held_out) {
    TrendGuard guard = judged(20);
    guard.start_from({{kJudge, 1}});
    for (int i = 1; i <= 20; ++i) {
      guard.learn(noise(i));
      Row row = {{kHeldOut, held_out(i)}, {kJudge, -i}};
      if (guard.watch(row, unknown)) return i;
    }
    return 0;
  };
  EXPECT_EQ(alarmed_with([](int i) { return i; }), 6);
  EXPECT_EQ(alarmed_with([](int) { return 1; }), 0);
  EXPECT_EQ(alarmed_with([](int) { return std::nan(""); }), 0);
  ::testing::internal::GetCapturedStderr();
}

TEST(TrendGuard, AResumedRunGoesOnWithTheSameSeries) {
  const testing::TemporaryFolder folder;
  const auto validation = [](TrendGuard& guard, int i) {
    guard.learn(i);
    Row row = {{kJudge, -i}, {kHeldOut, i}};
    guard.watch(row, unknown);
    return row;
  };
  ::testing::internal::CaptureStderr();
  TrendGuard whole = judged(5), first = judged(5), resumed = judged(5);
  for (TrendGuard* guard : {&whole, &first, &resumed}) guard->start_from({{kJudge, 0}});
  whole.begin("a");
  first.begin("a");
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(validation(whole, i), validation(first, i));
  const auto save = [&] {
    StateImage image;
    first.state(image);
    return image.values();
  };
  const auto restore = [&](const Row& values, TrendGuard& guard) {
    testing::write_text(folder / "state.json", values.dump());
    StateReader reader(folder.path());
    guard.state(reader);
  };
  restore(save(), resumed);
  resumed.begin("a");
  for (int i = 4; i <= 5; ++i) EXPECT_EQ(validation(resumed, i), validation(whole, i));
  TrendGuard other = judged(5);
  restore(save(), other);
  other.begin("other prompts");
  for (int i = 4; i <= 5; ++i) EXPECT_EQ(validation(other, i).size(), 2u);
  ::testing::internal::GetCapturedStderr();

  Row damaged = save();
  damaged["watched/" + kJudge].push_back(1);
  TrendGuard strict = judged(5);
  EXPECT_NE(testing::error_of(ErrorKind::kInput, [&] { restore(damaged, strict); }).find("watched/" + kJudge),
            std::string::npos);
}

TEST(TrendGuard, AValidationThatFailedIsPassedOver) {
  ::testing::internal::CaptureStderr();
  TrendGuard guard({{kJudge, true}}, 5);
  guard.start_from({{kJudge, 0}});
  int validations = 0;
  for (int i = 1; i <= 7; ++i) {
    guard.learn(i);
    Row row = i == 3 ? Row{{kJudge, std::nan("")}} : i == 4 ? Row{{"update", i}} : Row{{kJudge, -i}};
    const bool stops = guard.watch(row, unknown);
    validations += i != 3 && i != 4;
    EXPECT_EQ(stops, validations == 5) << i;
  }
  ::testing::internal::GetCapturedStderr();
}

}  // namespace
}  // namespace drf::train
