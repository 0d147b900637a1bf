#include "drf/rewards/open_rewards.h"

#include "drf/base/error.h"
#include "drf/rewards/residual_reward.h"
#include "drf/rewards/reward_kinds.h"

namespace drf::rewards {

void check_reward(const RewardSpec& spec, const RewardSources& sources) {
  if (reward_kind(spec.kind).sees_frames && !sources.has_decoder) {
    fail(ErrorKind::kConfig, spec.at, "kind is \"", spec.kind,
         "\", which sees frames, but the generator has no decoder: use kind = \"residual\" for fields");
  }
  if (spec.kind == "residual" && !sources.fields) {
    fail(ErrorKind::kConfig, spec.at,
         "kind is \"residual\", but the generator makes no fields (its folder has no fields.json): use a "
         "WanFieldPipeline, or another kind");
  }
}

std::unique_ptr<Reward> open_reward(const RewardSpec& spec, const RewardSources& sources) {
  check_reward(spec, sources);
  if (spec.kind == "residual") {
    return std::make_unique<ResidualReward>(fields::parse_equation(spec.equation, spec.at + "equation"),
                                            *sources.fields);
  }
  if (spec.kind == "surrogate") {
    SurrogateOptions options = spec.surrogate;
    options.latents_CTHW = sources.latents_CTHW;
    options.tensors = sources.latents;
    options.text_of = [condition_of = sources.condition_of](const std::string& prompt) {
      return mean_states(condition_of(prompt));
    };
    return std::make_unique<SurrogateReward>(std::move(options));
  }
  if (spec.kind == "clip") return std::make_unique<ClipReward>(spec.path, spec.clip);
  if (spec.kind == "vlm") {
    DRF_CHECK(sources.critic != nullptr, "a reward of kind vlm without a critic");
    return std::make_unique<VlmReward>(*sources.critic, sources.questions, sources.vlm);
  }
  fail(ErrorKind::kConfig, spec.at, "kind is \"", spec.kind, "\", wanted one of ", reward_kind_names());
}

std::unique_ptr<Reward> outline_reward(RewardSpec spec, const RewardSources& sources) {
  const RewardKind& kind = reward_kind(spec.kind);
  if (kind.asks_questions || kind.reads("teacher")) return nullptr;
  spec.clip.device = at::kMeta;
  return open_reward(spec, sources);
}

}  // namespace drf::rewards
