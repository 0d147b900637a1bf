#include "drf/rewards/reward_kinds.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::rewards {

bool RewardKind::reads(const std::string& key) const {
  return std::find(keys.begin(), keys.end(), key) != keys.end();
}

const std::vector<RewardKind>& reward_kinds() {
  static const std::vector<RewardKind> kinds = {
      {.name = "vlm", .keys = {"path", "dtype", "frames"}, .asks_questions = true},
      {.name = "clip", .keys = {"path", "dtype", "frames", "scale", "fit"}},
      {.name = "residual", .keys = {"equation"}, .sees_frames = false, .reads_prompts = false},
      {.name = "surrogate",
       .keys = {"teacher", "start_clips", "start_steps", "start_accuracy", "learn_every", "learn_steps",
                "buffer"},
       .sees_frames = false,
       .reads_prompts = false},
  };
  return kinds;
}

std::vector<std::string> reward_kind_names() {
  std::vector<std::string> names;
  for (const RewardKind& kind : reward_kinds()) names.push_back(kind.name);
  return names;
}

const RewardKind& reward_kind(const std::string& name) {
  for (const RewardKind& kind : reward_kinds())
    if (kind.name == name) return kind;
  fail(ErrorKind::kConfig, "a reward's kind is \"", name, "\", wanted one of ", reward_kind_names());
}

}  // namespace drf::rewards
