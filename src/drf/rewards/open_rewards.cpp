#include "drf/rewards/open_rewards.h"

#include "drf/base/error.h"
#include "drf/rewards/residual_reward.h"

namespace drf::rewards {
namespace {

void require_frames(const RewardSpec& spec, const RewardSources& sources) {
  if (sources.has_decoder) return;
  fail(ErrorKind::kConfig, spec.at, "kind is \"", spec.kind,
       "\", which sees frames, but the generator has no decoder: use kind = \"residual\" for fields");
}

std::unique_ptr<Reward> open_residual(const RewardSpec& spec, const RewardSources& sources) {
  if (!sources.fields) {
    fail(ErrorKind::kConfig, spec.at,
         "kind is \"residual\", but the generator makes no fields (its folder has no fields.json): use a "
         "WanFieldPipeline, or another kind");
  }
  return std::make_unique<ResidualReward>(fields::parse_equation(spec.equation, spec.at + "equation"),
                                          *sources.fields);
}

}  // namespace

std::unique_ptr<Reward> open_reward(const RewardSpec& spec, const RewardSources& sources) {
  if (spec.kind == "residual") return open_residual(spec, sources);
  require_frames(spec, sources);
  if (spec.kind == "clip") return std::make_unique<ClipReward>(spec.path, spec.clip);
  if (spec.kind == "vlm") {
    DRF_CHECK(sources.critic != nullptr, "a reward of kind vlm without a critic");
    return std::make_unique<VlmReward>(*sources.critic, sources.questions, sources.vlm);
  }
  fail(ErrorKind::kConfig, spec.at, "kind is \"", spec.kind, "\", wanted vlm, clip or residual");
}

}  // namespace drf::rewards
