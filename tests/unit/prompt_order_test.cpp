#include "drf/run/prompt_order.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "drf/run/config.h"

namespace drf::run {
namespace {

using Clips = std::vector<std::pair<int64_t, int64_t>>;

RunConfig of(int64_t rollouts, int64_t reuse = 1) {
  RunConfig c;
  c.seed = 7;
  c.train.batch = 2;
  c.train.accumulate = 2;
  c.train.updates = 13;
  c.flow.rollouts = rollouts;
  c.flow.reuse = reuse;
  return c;
}

Clips clips(const RunConfig& c, int64_t update) {
  Clips all;
  for (int64_t m = 0; m < c.train.accumulate; ++m)
    for (const auto& clip : clips_of_update(c, /*prompts=*/5, update, m)) all.push_back(clip);
  return all;
}

TEST(PromptOrder, EveryClipOfARunIsAnother) {
  const RunConfig c = of(0);
  std::set<std::pair<int64_t, int64_t>> seen;
  for (int64_t u = 0; u < c.train.updates; ++u)
    for (const auto& clip : clips(c, u)) EXPECT_TRUE(seen.insert(clip).second) << u;
}

TEST(PromptOrder, UpdatesOfOneRolloutShareItsClips) {
  const RunConfig c = of(0, 3), plain = of(0);
  for (int64_t u = 0; u < c.train.updates; ++u) EXPECT_EQ(clips(c, u), clips(plain, u / 3)) << u;
}

TEST(PromptOrder, RolloutsComeAgainEachOnceARoundInAnOrderOfItsOwn) {
  const RunConfig c = of(5), plain = of(0);
  std::vector<Clips> own;
  for (int64_t r = 0; r < 5; ++r) own.push_back(clips(plain, r));
  std::set<std::vector<int64_t>> orders;
  for (int64_t round = 0; round < 6; ++round) {
    std::vector<int64_t> order;
    for (int64_t i = 0; i < 5; ++i) {
      const auto at = std::find(own.begin(), own.end(), clips(c, 5 * round + i));
      ASSERT_NE(at, own.end());
      order.push_back(at - own.begin());
    }
    if (round == 0) {
      EXPECT_TRUE(std::is_sorted(order.begin(), order.end())) << "each is made in turn";
    }
    orders.insert(order);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, (std::vector<int64_t>{0, 1, 2, 3, 4}));
  }
  EXPECT_GT(orders.size(), 4u) << "of 120 orders six are drawn";
}

TEST(PromptOrder, AllPromptsThatUpdatesStillTrainOnAreThere) {
  PromptSets sets;
  for (const char* prompt : {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"})
    sets.train.prompts.emplace_back(prompt);
  const auto there = static_cast<int64_t>(sets.train.prompts.size());
  for (const int64_t rollouts : {0, 1, 2, 5, 40}) {
    RunConfig c = of(rollouts);
    c.train.accumulate = 1;
    c.train.eval_every = 0;
    for (int64_t u = 0; u < c.train.updates; ++u) {
      std::set<std::string> trained_on;
      for (int64_t later = u; later < c.train.updates; ++later)
        for (const auto& [prompt, draw] : clips_of_update(c, there, later, 0))
          trained_on.insert(sets.train.prompts[static_cast<size_t>(prompt)]);
      const std::vector<std::string> needed = prompts_to_come(c, sets, u);
      for (const std::string& prompt : trained_on)
        EXPECT_NE(std::find(needed.begin(), needed.end(), prompt), needed.end())
            << rollouts << " rollouts, update " << u << ": " << prompt;
      if (rollouts == 0) {
        EXPECT_EQ(needed.size(), trained_on.size());
      }
    }
  }
}

// Else the text encoder is read again in the middle of a run, for each of them.
TEST(PromptOrder, PromptsThatOnlyValidationsAskAreThere) {
  PromptSets sets;
  sets.held_out.prompts = {"x", "y"};
  for (int i = 0; i < 100; ++i) {
    sets.train.prompts.push_back(std::to_string(i));
    sets.train.unseen.emplace_back(i >= 50 && i < 54 ? 1 : 0);  // four have a question
  }
  RunConfig c = of(0);
  c.train.updates = 1;
  std::set<std::string> trained_on;
  for (int64_t m = 0; m < c.train.accumulate; ++m)
    for (const auto& clip : clips_of_update(c, 100, 0, m)) trained_on.insert(std::to_string(clip.first));
  const auto needed = [&](int64_t eval_every, int64_t prompts) {
    c.train.eval_every = eval_every;
    c.eval.prompts = prompts;
    const std::vector<std::string> all = prompts_to_come(c, sets, 0);
    return std::set<std::string>(all.begin(), all.end());
  };
  const auto and_also = [&](std::set<std::string> more) {
    more.insert(trained_on.begin(), trained_on.end());
    return more;
  };
  EXPECT_EQ(needed(0, 0), trained_on);
  EXPECT_EQ(needed(1, 0), and_also({"x", "y", "50", "51"})) << "as many as are held out";
  EXPECT_EQ(needed(1, 1), and_also({"x", "50"}));
  sets.train.unseen.clear();
  EXPECT_EQ(needed(1, 0), and_also({"x", "y"}));
}

}  // namespace
}  // namespace drf::run
