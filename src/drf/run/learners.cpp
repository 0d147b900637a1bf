#include "drf/run/learners.h"

#include <algorithm>

namespace drf::run {

flow::Role role_of(const RunConfig& config, const RewardTermConfig& term) {
  if (term.judge) return flow::Role::kJudges;
  return config.teaches(term.name) ? flow::Role::kTeaches : flow::Role::kTrains;
}

rewards::SurrogateOptions surrogate_options(const RunConfig& config, const RewardTermConfig& term) {
  rewards::SurrogateOptions o;
  o.name = term.name;
  o.teacher = term.teacher;
  o.start_clips = term.start_clips;
  o.start_steps = term.start_steps;
  o.start_accuracy = term.start_accuracy;
  o.learn_every = term.learn_every;
  o.learn_steps = term.learn_steps;
  o.buffer = term.buffer;
  o.seed = static_cast<uint64_t>(config.seed);
  return o;
}

std::vector<std::pair<int64_t, int64_t>> clips_before_start(const RunConfig& config, int64_t prompts) {
  constexpr int64_t kEach = rewards::Learner::kClipsAPrompt;
  int64_t count = 0;
  for (const RewardTermConfig& term : config.rewards)
    if (term.learns()) count = std::max(count, term.start_clips);
  const int64_t groups = count / kEach;
  std::vector<std::pair<int64_t, int64_t>> clips;
  for (int64_t i = 0; i < groups * kEach; ++i) {
    const int64_t group = i / kEach;
    // Turned by one each time round, so that groups that are not learnt from are of other prompts then.
    clips.emplace_back(groups < prompts ? group * prompts / groups : (group + group / prompts) % prompts, i);
  }
  return clips;
}

}  // namespace drf::run
