#pragma once
// Which kinds of rewards there are and what the configuration may say of each, as far as that is known
// without a model. Another kind is a line in reward_kinds.cpp and one where rewards are opened
// (open_rewards.h).

#include <string>
#include <vector>

namespace drf::rewards {

struct RewardKind {
  std::string name;
  std::vector<std::string> keys{};  ///< of [[rewards]] that it reads beside kind, name, weight and judge
  bool sees_frames = true;          ///< else latents: it needs no decoder
  bool reads_prompts = true;        ///< else a run may have none
  /// That of [questions] and [reward]. Without a path it is [critic]'s and reads no other key; with one it
  /// has a critic of its own.
  bool asks_questions = false;
  bool reads(const std::string& key) const;
};

const std::vector<RewardKind>& reward_kinds();
std::vector<std::string> reward_kind_names();
/// Throws Error(kConfig) for an unknown name.
const RewardKind& reward_kind(const std::string& name);

}  // namespace drf::rewards
