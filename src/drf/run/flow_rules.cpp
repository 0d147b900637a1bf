#include "drf/run/flow_rules.h"

#include <cmath>
#include <map>
#include <set>

#include "drf/run/config_require.h"

namespace drf::run {
namespace {

void validate_keys(const FlowConfig& flow, const SamplingConfig& sampling,
                   const std::vector<std::string>& policies) {
  one_of("flow.rule", flow.rule, {"adjoint", "matching", "policy_gradient"});
  one_of("flow.policy", flow.policy, policies);
  one_of("flow.cfg_grad", flow.cfg_grad, {"both", "cond"});
  one_of("flow.cfg_batch", flow.cfg_batch, {"auto", "on", "off"});
  one_of("flow.recompute", flow.recompute, {"auto", "block", "stage", "none"});
  at_least<int64_t>("flow.K", flow.K, 1);
  if (flow.rule == "adjoint" && flow.K > sampling.steps) {
    fail(ErrorKind::kConfig, "flow.K is ", flow.K, ", wanted at most sampling.steps, which is ",
         sampling.steps);
  }
  if (flow.cfg_grad == "cond" && sampling.guidance == 1) {
    fail(ErrorKind::kConfig,
         "flow.cfg_grad is \"cond\", but with sampling.guidance = 1 there is no other branch; leave it "
         "out or raise the guidance");
  }
  if (flow.cfg_batch == "on" && sampling.guidance == 1) {
    fail(ErrorKind::kConfig,
         "flow.cfg_batch is \"on\", but with sampling.guidance = 1 there is one branch only; leave it out or "
         "raise the "
         "guidance");
  }
  within("flow.decode_chunk", flow.decode_chunk, 0, 100'000);
  within("flow.decode_stripes", flow.decode_stripes, 0, 100'000);
  within("flow.reuse", flow.reuse, 1, 1'000'000);
  within("flow.rollouts", flow.rollouts, 0, 1'000'000);
  within("flow.draws", flow.draws, 1, 1'000'000);
}

// What only one policy reads.
template <typename T>
void only_for(const FlowConfig& flow, const char* policy, const char* key, const T& value, const T& unset) {
  if (flow.policy == policy || value == unset) return;
  fail(ErrorKind::kConfig, key, " is ", value, ", but policy \"", flow.policy, "\" never reads it (\"",
       policy, "\" does); leave it out");
}

// Whether the walk is one step from the first state that trains to the clip, so that no gradient that reaches
// a state reaches an adapter.
bool is_one_step(const FlowConfig& flow, int64_t steps) {
  if (flow.policy == "list") return flow.steps.size() == 1 && flow.steps.front() == steps - 1;
  return steps == 1 || (flow.K == 1 && flow.policy != "sparse");
}

void validate_nested(const RunConfig& c) {
  const FlowConfig& flow = c.flow;
  require(flow.nested >= 0 && flow.nested <= 1, "flow.nested", flow.nested, "a share from 0 to 1");
  one_of("flow.nested_at", flow.nested_at, {"all", "one"});
  if (flow.detach_input && flow.nested != 0 && (flow.nested != 1 || c.given_keys.count("flow.nested") > 0)) {
    fail(ErrorKind::kConfig, "flow.detach_input is true, which means flow.nested = 0, but flow.nested is ",
         flow.nested, "; leave flow.detach_input out");
  }
  const bool none = flow.nested == 0 || flow.detach_input;
  if (flow.nested_at == "one" && none)
    fail(ErrorKind::kConfig,
         "flow.nested_at is \"one\", but flow.nested = 0 leaves nothing there; leave one of them out");
  const char* key = flow.detach_input ? "detach_input" : flow.nested != 1 ? "nested" : "nested_at";
  if (flow.rule == "adjoint" && is_one_step(flow, c.sampling.steps) &&
      (none || flow.nested != 1 || flow.nested_at == "one")) {
    fail(ErrorKind::kConfig, "flow.", key, " is set, but policy \"", flow.policy, "\" with flow.K = ", flow.K,
         " leads from the step that trains to the clip at once: no earlier step is there for it; leave it "
         "out, "
         "or train more steps");
  }
}

void validate_leap(const FlowConfig& flow) {
  if (!flow.leap) return;
  const auto refuse = [](const auto&... why) { fail(ErrorKind::kConfig, "flow.leap is true, but ", why...); };
  if (flow.policy != "sparse" && flow.policy != "list")
    refuse("policy \"", flow.policy, "\" never reads it (\"sparse\" and \"list\" do); leave it out");
  if (flow.K != 2) refuse("flow.K is ", flow.K, ", wanted 2: the two states to leap from");
  if (flow.rescale != 0)
    refuse("flow.rescale is ", flow.rescale, ": leaps go all the way; leave one of them out");
  if (flow.reuse != 1)
    refuse("flow.reuse is ", flow.reuse, ", and a clip that is noised again has no steps to leap over");
}

// What is kept of a rollout must be the same whatever was learnt since.
void validate_rollouts(const RunConfig& c) {
  const FlowConfig& flow = c.flow;
  if (flow.rollouts == 0) return;
  const auto refuse = [&](const auto&... why) {
    fail(ErrorKind::kConfig, "flow.rollouts is ", flow.rollouts, ", but ", why...);
  };
  if (c.lora.steps != "trained") {
    refuse("lora.steps is \"", c.lora.steps,
           "\": adapters that compute before the first step that trains change its state; set lora.steps = "
           "\"trained\", or leave flow.rollouts out");
  }
  const bool fixed = (flow.policy == "last" && flow.K_min == 0) || flow.policy == "uniform" ||
                     (flow.policy == "list" && !flow.leap);
  if (!fixed) {
    refuse("the steps before training begins are others at each update",
           flow.K_min > 0 ? " (flow.K_min)"
           : flow.leap    ? " or are gone over again (flow.leap)"
                          : concat(" (policy \"", flow.policy, "\")"),
           "; leave one of them out");
  }
  if (flow.reuse != 1)
    refuse("flow.reuse is ", flow.reuse, ", which noises finished clips again; leave one of them out");
}

void validate_policy(const RunConfig& c) {
  const FlowConfig& flow = c.flow;
  const FlowConfig unset;
  only_for(flow, "low_variance", "flow.draws", flow.draws, unset.draws);
  only_for(flow, "last", "flow.K_min", flow.K_min, unset.K_min);
  only_for(flow, "random", "flow.window", flow.window, unset.window);
  only_for(flow, "sparse", "flow.bias", flow.bias, unset.bias);
  only_for(flow, "sparse", "flow.rescale", flow.rescale, unset.rescale);
  at_least<int64_t>("flow.K_min", flow.K_min, 0);
  require(flow.K_min <= flow.K, "flow.K_min", flow.K_min, "at most flow.K, which is ", flow.K);
  within("flow.window", flow.window, 0, c.sampling.steps);
  constexpr double kMost = 20;  // beyond, the draw is all but certain
  require(std::abs(flow.bias) <= kMost, "flow.bias", flow.bias, -kMost, " to ", kMost);
  require(flow.rescale >= 0 && flow.rescale <= 1, "flow.rescale", flow.rescale, "0 (off) to 1");
  if (flow.policy == "low_variance") {
    require(flow.K == 1, "flow.K", flow.K, "1: policy \"low_variance\" trains the last step alone");
  }
  const bool draws =
      flow.policy == "random" || flow.policy == "sparse" || flow.K_min > 0 || flow.nested_at == "one";
  if (!draws) {
    require(flow.seed == -1, "flow.seed", flow.seed, "-1: policy \"", flow.policy, "\" draws nothing");
  } else {
    at_least<int64_t>("flow.seed", flow.seed, -1);
  }
  if (flow.policy != "list") {
    require(flow.steps.empty(), "flow.steps", flow.steps, "none: policy \"", flow.policy,
            "\" does not read it (\"list\" does)");
    return;
  }
  require(!flow.steps.empty(), "flow.steps", flow.steps,
          "the steps that carry gradient, for example [3, 5, 7]");
  for (size_t i = 0; i < flow.steps.size(); ++i) {
    require(flow.steps[i] >= 0 && flow.steps[i] < c.sampling.steps, "flow.steps", flow.steps,
            "steps from 0 to ", c.sampling.steps - 1);
    require(i == 0 || flow.steps[i] > flow.steps[i - 1], "flow.steps", flow.steps,
            "rising numbers, each once");
  }
  if (flow.K != static_cast<int64_t>(flow.steps.size())) {
    fail(ErrorKind::kConfig, "flow.K is ", flow.K, ", but flow.steps lists ", flow.steps.size(),
         "; leave flow.K out with policy \"list\"");
  }
}

// What the chosen update rule never reads must be left at its default.
void validate_rule(RunConfig c) {
  static const std::set<std::string> adjoint_only = {
      "flow.policy",       "flow.K",     "flow.K_min",    "flow.steps",    "flow.window",    "flow.bias",
      "flow.rescale",      "flow.seed",  "flow.draws",    "flow.nested",   "flow.nested_at", "flow.leap",
      "flow.detach_input", "flow.reuse", "flow.rollouts", "flow.cfg_grad", "train.anchor"};
  // Of those, what other rules read as well.
  static const std::map<std::string, std::set<std::string>> shared = {
      {"adjoint", {}}, {"matching", {"flow.reuse"}}, {"policy_gradient", {"flow.reuse", "flow.cfg_grad"}}};
  const std::set<std::string>& read = shared.at(c.flow.rule);
  const auto is_unread = [&](const std::string& key) {
    for (const char* rule : {"matching", "policy_gradient"})
      if (key.rfind(concat(rule, "."), 0) == 0) return c.flow.rule != rule;
    return c.flow.rule != "adjoint" && adjoint_only.count(key) > 0 && read.count(key) == 0;
  };
  RunConfig defaults;
  defaults.rewards.resize(c.rewards.size());
  const auto wanted = fields_of(defaults), got = fields_of(c);
  for (size_t i = 0; i < got.size(); ++i) {
    const std::string& key = got[i].key;
    if (is_unread(key) && config_to_toml({got[i]}) != config_to_toml({wanted[i]})) {
      fail(ErrorKind::kConfig, key, " is set, but flow.rule = \"", c.flow.rule,
           "\" never reads it; leave it out");
    }
  }
  require(c.matching.beta > 0, "matching.beta", c.matching.beta, "more than 0");
  require(c.matching.quantile > 0 && c.matching.quantile <= 1, "matching.quantile", c.matching.quantile,
          "a number in (0, 1]");
  one_of("matching.branches", c.matching.branches, {"each", "guided"});
  if (c.matching.branches == "guided" && c.sampling.guidance == 1) {
    fail(ErrorKind::kConfig,
         "matching.branches is \"guided\", but with sampling.guidance = 1 there is no other branch; leave it "
         "out or "
         "raise the guidance");
  }
  one_of("matching.eta", c.matching.eta, {"linear", "quad", "constant"});
  at_least("matching.trust", c.matching.trust, 0.0);
  if (c.matching.trust > 0 && c.flow.reuse == 1) {
    fail(ErrorKind::kConfig, "matching.trust is ", c.matching.trust,
         ", but with flow.reuse = 1 every velocity is the rollout's; leave it out, or raise flow.reuse");
  }
  at_least<int64_t>("matching.steps", c.matching.steps, 0);
  if (c.matching.steps > c.sampling.steps) {
    fail(ErrorKind::kConfig, "matching.steps is ", c.matching.steps,
         ", wanted at most sampling.steps, which is ", c.sampling.steps, " (0 = all)");
  }
}

// Where clips are kept for later updates, nothing new of them is there to learn from.
void validate_kept_clips(const RunConfig& c) {
  if (c.flow.rule != "matching" || c.flow.reuse == 1) return;
  for (size_t i = 0; i < c.rewards.size(); ++i) {
    if (!c.rewards[i].learns()) continue;
    fail(ErrorKind::kConfig, "flow.reuse is ", c.flow.reuse, ", but with flow.rule = \"matching\" rewards.",
         i, ", which learns, would be shown no clip between rollouts; leave one of them out");
  }
}

void validate_policy_gradient(const RunConfig& c) {
  const PolicyGradientConfig& own = c.policy_gradient;
  const PolicyGradientConfig unset;
  const int64_t clips = c.train.batch * c.train.accumulate;
  within("policy_gradient.group", own.group, 2, 1'000'000);
  require(own.noise >= 0.001 && own.noise <= 100, "policy_gradient.noise", own.noise, "0.001 to 100");
  require(own.clip > 0 && own.clip < 1, "policy_gradient.clip", own.clip, "a number in (0, 1)");
  require(own.kl >= 0 && own.kl <= 1e6, "policy_gradient.kl", own.kl, "0 (off) to 1e6");
  if (c.flow.rule != "policy_gradient") return;
  const auto refuse = [](const char* key, const auto& value, const auto&... why) {
    fail(ErrorKind::kConfig, key, " is ", value, ", but flow.rule = \"policy_gradient\" ", why...);
  };
  if (clips % own.group != 0) {
    fail(ErrorKind::kConfig, "policy_gradient.group is ", own.group,
         ", wanted a divisor of the clips of an update, train.batch x train.accumulate = ", clips);
  }
  if (c.sampling.steps < 2)
    refuse("sampling.steps", c.sampling.steps, "trains all steps but the last; wanted at least 2");
  if (c.flow.reuse == 1 && own.clip != unset.clip) {
    fail(ErrorKind::kConfig, "policy_gradient.clip is ", own.clip,
         ", but with flow.reuse = 1 every ratio is 1; leave it out, or raise flow.reuse");
  }
  if (c.reward.focus) refuse("reward.focus", "true", "takes no gradient for it to weigh; leave it out");
  if (c.reward.odds) refuse("reward.odds", "true", "takes no gradient of the reward; leave it out");
  if (c.reward.out_of_range != 0) {
    refuse("reward.out_of_range", c.reward.out_of_range,
           "judges clips as a viewer sees them, within the range; leave it out");
  }
  for (size_t i = 0; i < c.rewards.size(); ++i) {
    if (c.rewards[i].learns()) {
      refuse(concat("rewards.", i, ".kind").c_str(), "\"" + c.rewards[i].kind + "\"",
             "needs no gradient of a reward; leave it out and train on its teacher");
    }
  }
}

}  // namespace

void require_reward_gradient(const RunConfig& c, const char* command) {
  if (c.flow.rule != "policy_gradient") return;
  fail(ErrorKind::kConfig,
       "flow.rule is \"policy_gradient\", which takes no gradient of the reward: ", command,
       " has nothing to say of it; --set flow.rule=adjoint and leave [policy_gradient] out to look at the "
       "reward's own");
}

void validate_flow(const RunConfig& c, const std::vector<std::string>& policies) {
  validate_keys(c.flow, c.sampling, policies);
  validate_rule(c);
  validate_kept_clips(c);
  validate_policy_gradient(c);
  validate_policy(c);
  validate_nested(c);
  validate_leap(c.flow);
  validate_rollouts(c);
}

}  // namespace drf::run
