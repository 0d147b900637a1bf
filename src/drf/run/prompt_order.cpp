#include "drf/run/prompt_order.h"

#include <algorithm>
#include <map>

#include "drf/base/random.h"
#include "drf/run/learners.h"

namespace drf::run {
namespace {

std::vector<int64_t> order_of(const RunConfig& c, int64_t prompts, int64_t epoch) {
  return shuffle({static_cast<uint64_t>(c.seed), Purpose::kPromptOrder, 0, static_cast<uint32_t>(epoch)},
                 prompts);
}

// With flow.rollouts = n the first n updates each have their own; then all n come in a new order, again and
// again.
int64_t rollout_of(const RunConfig& c, int64_t u) {
  const int64_t n = c.flow.rollouts;
  if (n == 0) return u / c.flow.reuse;
  if (u < n) return u;
  const auto round = static_cast<uint32_t>(u / n);
  return shuffle({static_cast<uint64_t>(c.seed), Purpose::kRolloutOrder, 0, round},
                 n)[static_cast<size_t>(u % n)];
}

// The rollouts of updates u, u + 1, ... to the end: from the first to before the second.
std::pair<int64_t, int64_t> rollouts_to_come(const RunConfig& c, int64_t u) {
  const int64_t n = c.flow.rollouts;
  if (n == 0) return {u / c.flow.reuse, (c.train.updates - 1) / c.flow.reuse + 1};
  return {c.train.updates > n ? 0 : u, std::min(n, c.train.updates)};
}

}  // namespace

std::vector<std::pair<int64_t, int64_t>> clips_of_update(const RunConfig& c, int64_t prompts, int64_t u,
                                                         int64_t m) {
  std::vector<std::pair<int64_t, int64_t>> result;
  const int64_t rollout = rollout_of(c, u);
  for (int64_t i = 0; i < c.train.batch; ++i) {
    const int64_t clip = (rollout * c.train.accumulate + m) * c.train.batch + i;
    const int64_t group = c.group(), position = clip / group, epoch = position / prompts;
    result.emplace_back(order_of(c, prompts, epoch)[static_cast<size_t>(position % prompts)],
                        epoch * group + clip % group);
  }
  return result;
}

std::vector<std::string> prompts_to_come(const RunConfig& c, const PromptSets& prompts, int64_t u) {
  const std::vector<std::string>& all = prompts.train.prompts;
  const auto there = static_cast<int64_t>(all.size());
  const int64_t each = c.train.accumulate * c.train.batch / c.group();  // prompts of a rollout
  const auto [first_rollout, after] = rollouts_to_come(c, u);
  const int64_t begin = first_rollout * each, end = after * each;
  std::vector<std::string> needed;
  if (end - begin >= there) {
    needed = all;
  } else {
    std::map<int64_t, std::vector<int64_t>> orders;  // by epoch: two at most
    for (int64_t position = begin; position < end; ++position) {
      std::vector<int64_t>& order = orders[position / there];
      if (order.empty()) order = order_of(c, there, position / there);
      needed.push_back(all[static_cast<size_t>(order[static_cast<size_t>(position % there)])]);
    }
  }
  if (u == 0) {
    for (const auto& [prompt, draw] : clips_before_start(c, there))
      if (draw % rewards::Learner::kClipsAPrompt == 0) needed.push_back(all[static_cast<size_t>(prompt)]);
  }
  if (c.train.eval_every > 0) {
    const std::vector<std::string> held_out = evaluated_prompts(c, prompts);
    needed.insert(needed.end(), held_out.begin(), held_out.end());
    for (const int64_t p : validated_with_unseen(c, prompts)) needed.push_back(all[static_cast<size_t>(p)]);
  }
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  return needed;
}

}  // namespace drf::run
