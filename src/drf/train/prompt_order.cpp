#include "drf/train/prompt_order.h"

#include <algorithm>

#include "drf/train/evaluation.h"
#include "drf/train/text_states.h"

namespace drf::train {

std::vector<std::pair<int64_t, int64_t>> clips_of_update(const RunConfig& c, int64_t prompts, int64_t u,
                                                         int64_t m) {
  std::vector<std::pair<int64_t, int64_t>> result;
  for (int64_t i = 0; i < c.train.batch; ++i) {
    const int64_t rollout = u / c.flow.reuse;
    const int64_t position = (rollout * c.train.accumulate + m) * c.train.batch + i;
    const int64_t epoch = position / prompts;
    const RandomKey key{static_cast<uint64_t>(c.seed), Purpose::kPromptOrder, 0,
                        static_cast<uint32_t>(epoch)};
    result.emplace_back(shuffle(key, prompts)[static_cast<size_t>(position % prompts)], epoch);
  }
  return result;
}

std::vector<std::string> prompts_to_come(const Session& session, int64_t u) {
  const RunConfig& c = session.config();
  const std::vector<std::string>& all = session.train_set().prompts;
  const auto there = static_cast<int64_t>(all.size());
  const int64_t clips = (c.train.updates - u) * c.train.accumulate * c.train.batch;
  std::vector<std::string> needed;
  if (clips >= there || clips > static_cast<int64_t>(TextStates::kMost)) {
    needed = all;
  } else {
    for (; u < c.train.updates; ++u) {
      for (int64_t m = 0; m < c.train.accumulate; ++m) {
        for (const auto& [prompt, draw] : clips_of_update(c, there, u, m))
          needed.push_back(all[static_cast<size_t>(prompt)]);
      }
    }
  }
  if (c.train.eval_every > 0) {
    const std::vector<std::string> held_out = evaluated_prompts(session);
    needed.insert(needed.end(), held_out.begin(), held_out.end());
  }
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  return needed;
}

}  // namespace drf::train
