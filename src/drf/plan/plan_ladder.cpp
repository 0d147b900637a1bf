#include "drf/plan/plan_ladder.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

#include "drf/base/error.h"

namespace drf::plan {
namespace {

/// Changes `c` and says how, or nothing where it has no room to.
using Change = std::function<std::optional<std::string>(run::RunConfig& c)>;

std::optional<std::string> park_networks(run::RunConfig& c) {
  if (c.memory.park == "on") return {};
  c.memory.park = "on";
  return "memory.park=on";
}

std::optional<std::string> recompute_more(run::RunConfig& c) {
  if (c.flow.recompute == "block") return {};
  c.flow.recompute = c.flow.recompute == "none" ? "stage" : "block";
  return "flow.recompute=" + c.flow.recompute;
}

std::optional<std::string> one_branch_at_a_time(run::RunConfig& c) {
  if (c.flow.cfg_batch != "on") return {};
  c.flow.cfg_batch = "off";
  return "flow.cfg_batch=off";
}

std::optional<std::string> more_stripes(run::RunConfig& c) {
  if (c.flow.recompute != "block" || c.flow.decode_stripes >= kManyStripes) return {};
  c.flow.decode_stripes = kManyStripes;
  return concat("flow.decode_stripes=", kManyStripes);
}

std::optional<std::string> half_the_batch(run::RunConfig& c) {
  if (c.train.batch % 2) return {};
  c.train.batch /= 2;
  c.train.accumulate *= 2;
  return concat("train.batch=", c.train.batch, " train.accumulate=", c.train.accumulate);
}

std::optional<std::string> smaller_critic_frames(run::RunConfig& c) {
  constexpr int64_t kLeast = 64 * 64;
  const int64_t now = c.critic.max_pixels > 0
                          ? std::min(c.critic.max_pixels, c.sampling.width * c.sampling.height)
                          : c.sampling.width * c.sampling.height;
  if (now / 2 < kLeast) return {};
  c.critic.max_pixels = now / 2;
  return concat("critic.max_pixels=", c.critic.max_pixels);
}

std::optional<std::string> fewer_critic_frames(run::RunConfig& c) {
  if (c.critic.frames < 4) return {};
  c.critic.frames /= 2;
  return concat("critic.frames=", c.critic.frames);
}

/// For rewards with a network of their own.
std::optional<std::string> fewer_reward_frames(run::RunConfig& c) {
  std::string changes;
  for (size_t i = 0; i < c.rewards.size(); ++i) {
    run::RewardTermConfig& term = c.rewards[i];
    if (!term.reads("frames") || term.frames < 4) continue;
    term.frames /= 2;
    changes += concat(changes.empty() ? "" : " ", "rewards.", i, ".frames=", term.frames);
  }
  if (changes.empty()) return {};
  return changes;
}

/// Sizes that the generator takes come with the plan.
Change fewer_frames(const MemoryPlan& plan) {
  return [frames = plan.fewer_frames](run::RunConfig& c) -> std::optional<std::string> {
    if (frames >= c.sampling.frames) return {};
    c.sampling.frames = frames;
    return concat("sampling.frames=", frames);
  };
}

Change smaller_frames(const MemoryPlan& plan) {
  return [size = plan.smaller_frames](run::RunConfig& c) -> std::optional<std::string> {
    if (size.width >= c.sampling.width && size.height >= c.sampling.height) return {};
    c.sampling.width = size.width;
    c.sampling.height = size.height;
    return concat("sampling.width=", size.width, " sampling.height=", size.height);
  };
}

}  // namespace

std::vector<Rung> what_would_fit(const run::RunConfig& config, const run::PromptSets& prompts,
                                 const PlanOptions& options, int64_t usable) {
  /// A rung, of a plan of what was chosen so far; and whether it changes what is trained.
  using Rungs = std::function<Change(const MemoryPlan& plan)>;
  const auto always = [](Change change) { return [change](const MemoryPlan&) { return change; }; };
  const std::vector<std::pair<Rungs, bool>> order = {{always(park_networks), false},
                                                     {always(recompute_more), false},
                                                     {always(one_branch_at_a_time), false},
                                                     {always(more_stripes), false},
                                                     {always(half_the_batch), false},
                                                     {always(smaller_critic_frames), true},
                                                     {always(fewer_critic_frames), true},
                                                     {always(fewer_reward_frames), true},
                                                     {fewer_frames, true},
                                                     {smaller_frames, true}};
  constexpr int kTimesEach = 8;  // a setting that can be lowered again and again
  std::vector<Rung> ladder;
  run::RunConfig c = config;
  MemoryPlan now = predict_memory(c, prompts, options);
  for (const auto& [rung, changes_result] : order) {
    for (int i = 0; i < kTimesEach && now.peak() > usable; ++i) {
      run::RunConfig next = c;
      const auto what = rung(now)(next);
      if (!what) break;
      MemoryPlan with_it;
      try {
        with_it = predict_memory(next, prompts, options);
      } catch (const Error&) {  // a size that this model does not take
        break;
      }
      if (with_it.peak() >= now.peak()) break;
      c = next;
      ladder.push_back({*what, changes_result, park_seconds(with_it) - park_seconds(now), with_it.peak()});
      now = std::move(with_it);
    }
  }
  return ladder;
}

}  // namespace drf::plan
