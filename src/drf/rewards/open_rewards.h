#pragma once
// Opens rewards by their kind: the one place that asks what kind a reward is (reward_kinds.h says which there
// are).

#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drf/models/fields/field_config.h"
#include "drf/rewards/clip_reward.h"
#include "drf/rewards/surrogate_reward.h"
#include "drf/rewards/vlm_reward.h"

namespace drf::rewards {

/// What a kind is made of; `at` is where its keys stand in messages: "rewards.1.".
struct RewardSpec {
  std::string kind, at;
  std::string path;            ///< clip, and vlm where it has a critic of its own
  ClipOptions clip;            ///< clip
  std::string equation;        ///< residual
  SurrogateOptions surrogate;  ///< surrogate, but for what the sources say
};

/// What there is to make rewards of.
struct RewardSources {
  critic::Critic* critic = nullptr;  ///< vlm: its own or that of [critic]
  Questions questions;               ///< vlm
  VlmOptions vlm;                    ///< vlm
  const drf::fields::FieldConfig* fields =
      nullptr;                          ///< residual: what the generator's latents mean, if fields
  bool has_decoder = true;              ///< of the generator
  std::vector<int64_t> latents_CTHW{};  ///< surrogate: of a clip
  at::TensorOptions latents{};          ///< surrogate: the sampler's
  std::function<models::Condition(const std::string& prompt)> condition_of{};  ///< surrogate
};

/// Throws Error(kConfig), naming the key, for a reward that needs what the generator lacks. Called before any
/// work; of `sources` what is the generator's is looked at.
void check_reward(const RewardSpec& spec, const RewardSources& sources);

/// Throws Error(kConfig), naming the key, for an unknown kind and for a reward that needs what the generator
/// lacks; Error(kInput) for files that do not fit.
std::unique_ptr<Reward> open_reward(const RewardSpec& spec, const RewardSources& sources);

/// The same without the numbers of its network: for check_prompts(), before any work. Null for one that asks
/// a critic, which checks its questions itself (Critic::check_texts), and for one that learns.
std::unique_ptr<Reward> outline_reward(RewardSpec spec, const RewardSources& sources);

}  // namespace drf::rewards
