#include "drf/run/robust_rules.h"

#include "drf/rewards/reward_kinds.h"
#include "drf/run/config_require.h"

namespace drf::run {
namespace {

struct Trained {
  bool on_frames = false, on_questions = false, learns = false;
};

// What is seen by the rewards that give the gradient.
Trained trained_on(const RunConfig& c) {
  Trained trained;
  for (const RewardTermConfig& term : c.terms()) {
    trained.learns = trained.learns || term.learns();
    if (term.judge || c.teaches(term.name)) continue;
    const rewards::RewardKind& kind = rewards::reward_kind(term.kind);
    trained.on_frames = trained.on_frames || kind.sees_frames;
    trained.on_questions = trained.on_questions || kind.asks_questions;
  }
  return trained;
}

}  // namespace

void validate_robust(const RunConfig& c) {
  const RobustConfig& own = c.robust;
  within("robust.frames", own.frames, 0, 100'000);
  require(own.resolution >= 0 && own.resolution <= 0.9, "robust.resolution", own.resolution,
          "0 (off) to 0.9");
  require(own.questions >= 0 && own.questions < 1, "robust.questions", own.questions,
          "a share from 0 to less than 1");
  require(own.pixels >= 0 && own.pixels <= 1, "robust.pixels", own.pixels, "0 (off) to 1");
  require(own.adapters >= 0 && own.adapters <= 1e6, "robust.adapters", own.adapters, "0 (off) to 1e6");
  const Trained trained = trained_on(c);
  const auto refuse = [](const char* key, const auto& value, const auto&... why) {
    fail(ErrorKind::kConfig, "robust.", key, " is ", value, ", but ", why..., "; leave it out");
  };
  const auto each = [&](const auto& refuse_one, bool adapters) {
    if (own.frames > 0) refuse_one("frames", own.frames);
    if (own.resolution > 0) refuse_one("resolution", own.resolution);
    if (own.pixels > 0) refuse_one("pixels", own.pixels);
    if (adapters && own.questions > 0) refuse_one("questions", own.questions);
    if (adapters && own.adapters > 0) refuse_one("adapters", own.adapters);
  };
  if (c.flow.rule == "policy_gradient") {
    each(
        [&](const char* key, const auto& value) {
          refuse(key, value,
                 "flow.rule = \"policy_gradient\" judges clips as a viewer sees them and compares them");
        },
        /*adapters=*/true);
  }
  if (!trained.on_frames) {
    each([&](const char* key, const auto& value) { refuse(key, value, "no reward that trains sees pixels"); },
         /*adapters=*/false);
  }
  if (own.questions > 0 && !trained.on_questions)
    refuse("questions", own.questions, "no reward that trains asks any");
  if (own.frames >= c.sampling.frames && own.frames > 0) {
    fail(ErrorKind::kConfig, "robust.frames is ", own.frames, ", wanted less than sampling.frames, which is ",
         c.sampling.frames);
  }
  if (own.adapters == 0) return;
  if (c.flow.rule == "matching")
    refuse("adapters", own.adapters, "flow.rule = \"matching\" regresses to what its own rollout says");
  if (c.flow.reuse > 1)
    refuse("adapters", own.adapters, "flow.reuse = ", c.flow.reuse,
           " would go on with the rollout of moved adapters");
  if (trained.learns)
    refuse("adapters", own.adapters, "a reward that learns would be shown the clips of moved adapters");
}

}  // namespace drf::run
