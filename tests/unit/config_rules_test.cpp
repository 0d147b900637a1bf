// What a run's configuration refuses, and what it accepts.
#include <gtest/gtest.h>

#include "drf/base/config_fields.h"
#include "drf/run/config.h"
#include "drf/run/flow_rules.h"
#include "drf/run/run_record.h"
#include "tests/support/expect_error.h"
#include "tests/support/minimal_config.h"
#include "tests/support/temporary_folder.h"

namespace drf {
namespace {

using run::RunConfig;
using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;
constexpr const char* kMinimal = testing::kMinimalConfig;

// Settings of rule policy_gradient that are accepted but for `more`.
std::vector<std::string> grpo(const std::vector<std::string>& more) {
  std::vector<std::string> sets = {"flow.rule=policy_gradient", "policy_gradient.group=4", "train.batch=8"};
  sets.insert(sets.end(), more.begin(), more.end());
  return sets;
}

TEST(RunConfig, DefaultsAreThoseOfTheInterface) {
  TemporaryFolder folder;
  write_text(folder / "r.toml", kMinimal);
  const RunConfig config = run::load_config(folder / "r.toml", {});
  EXPECT_EQ(config.generator.dtype, "bfloat16");
  EXPECT_EQ(config.generator.text_length, 512);
  EXPECT_EQ(config.sampling.fps, 16);
  EXPECT_EQ(config.sampling.schedule, "flow");
  EXPECT_EQ(config.flow.policy, "last");
  EXPECT_EQ(config.flow.K, 2);
  EXPECT_EQ(config.reward.weights.size(), 3u);
  EXPECT_EQ(config.reward.margin, 1.0);
  EXPECT_FALSE(config.reward.end_token);
  EXPECT_EQ(config.lora.rank, 32);
  EXPECT_EQ(config.train.lr, 1e-4);
}

TEST(RunConfig, EveryCrossFieldRuleHasItsMessage) {
  TemporaryFolder folder;
  write_text(folder / "r.toml", kMinimal);
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"reward.end_token=true", "questions.dense=false"}, "no free-text answer that ends"},
      {{"flow.K=0"}, "flow.K is 0, wanted at least 1"},
      {{"flow.K=31"}, "flow.K is 31, wanted at most sampling.steps, which is 30"},
      {{"flow.policy=lats"}, "did you mean \"last\"?"},
      {{"flow.policy=grpo"}, "wanted one of [last, list, random, low_variance, uniform, sparse]"},
      {{"flow.steps=[1]"}, "policy \"last\" does not read it"},
      {{"flow.seed=3"}, "policy \"last\" draws nothing"},
      {{"flow.policy=list"}, "wanted the steps that carry gradient"},
      {{"flow.policy=list", "flow.steps=[3,3]"}, "rising numbers"},
      {{"flow.policy=list", "flow.steps=[3,30]"}, "steps from 0 to 29"},
      {{"flow.policy=list", "flow.steps=[3,5]", "flow.K=3"}, "leave flow.K out"},
      {{"flow.policy=random", "flow.seed=-2"}, "flow.seed is -2, wanted at least -1"},
      {{"flow.policy=uniform", "flow.seed=3"}, "policy \"uniform\" draws nothing"},
      {{"flow.policy=low_variance", "flow.K=2"}, "policy \"low_variance\" trains the last step alone"},
      {{"flow.policy=low_variance", "flow.draws=0"}, "flow.draws is 0, wanted at least 1"},
      {{"flow.policy=random", "flow.draws=3"}, "policy \"random\" never reads it (\"low_variance\" does)"},
      {{"flow.policy=low_variance", "flow.steps=[1]"}, "(\"list\" does)"},
      {{"flow.K_min=-1"}, "flow.K_min is -1, wanted at least 0"},
      {{"flow.K_min=3"}, "flow.K_min is 3, wanted at most flow.K, which is 2"},
      {{"flow.policy=random", "flow.K_min=1"},
       "flow.K_min is 1, but policy \"random\" never reads it (\"last\" does); leave it out"},
      {{"flow.window=3"}, "flow.window is 3, but policy \"last\" never reads it (\"random\" does)"},
      {{"flow.policy=random", "flow.window=31"}, "flow.window is 31, wanted at most 30"},
      {{"flow.policy=random", "flow.window=-1"}, "flow.window is -1, wanted at least 0"},
      {{"flow.bias=2"}, "flow.bias is 2, but policy \"last\" never reads it (\"sparse\" does)"},
      {{"flow.rescale=0.5"}, "flow.rescale is 0.5, but policy \"last\" never reads it (\"sparse\" does)"},
      {{"flow.policy=sparse", "flow.bias=-21"}, "flow.bias is -21, wanted -20 to 20"},
      {{"flow.policy=sparse", "flow.rescale=1.5"}, "flow.rescale is 1.5, wanted 0 (off) to 1"},
      {{"flow.policy=sparse", "flow.K=31"}, "flow.K is 31"},
      {{"flow.policy=sparse", "flow.seed=-2"}, "flow.seed is -2, wanted at least -1"},
      {{"flow.nested=1.5"}, "flow.nested is 1.5, wanted a share from 0 to 1"},
      {{"flow.nested=-0.1"}, "flow.nested is -0.1"},
      {{"flow.nested_at=two"}, "flow.nested_at is \"two\", wanted one of [all, one]"},
      {{"flow.nested_at=one", "flow.nested=0"}, "flow.nested = 0 leaves nothing there"},
      {{"flow.nested_at=one", "flow.detach_input=true"}, "flow.nested = 0 leaves nothing there"},
      {{"flow.nested=0.5", "flow.detach_input=true"}, "but flow.nested is 0.5; leave flow.detach_input out"},
      {{"flow.nested=1", "flow.detach_input=true"}, "but flow.nested is 1; leave flow.detach_input out"},
      {{"flow.K=1", "flow.nested=0.5"}, "flow.nested is set, but policy \"last\" with flow.K = 1 leads"},
      {{"flow.K=1", "flow.detach_input=true"}, "flow.detach_input is set, but policy \"last\""},
      {{"flow.K=1", "flow.policy=random", "flow.nested_at=one"}, "flow.nested_at is set, but policy"},
      {{"flow.policy=low_variance", "flow.nested=0"}, "flow.nested is set, but policy \"low_variance\""},
      {{"flow.policy=list", "flow.steps=[29]", "flow.nested=0"}, "no earlier step is there for it"},
      {{"flow.rule=matching", "flow.nested=0.5"}, "flow.nested is set, but flow.rule = \"matching\""},
      {{"flow.leap=true"}, "flow.leap is true, but policy \"last\" never reads it"},
      {{"flow.policy=sparse", "flow.K=3", "flow.leap=true"}, "flow.K is 3, wanted 2"},
      {{"flow.policy=sparse", "flow.rescale=1", "flow.leap=true"}, "leaps go all the way"},
      {{"flow.policy=sparse", "flow.reuse=2", "flow.leap=true"}, "has no steps to leap over"},
      {{"flow.rule=matching", "flow.K_min=1"}, "flow.K_min is set, but flow.rule = \"matching\""},
      {{"flow.reuse=0"}, "flow.reuse is 0, wanted at least 1"},
      {{"flow.cfg_batch=yes"}, "flow.cfg_batch is \"yes\", wanted one of [auto, on, off]"},
      {{"flow.cfg_batch=on", "sampling.guidance=1"}, "there is one branch only"},
      {{"flow.recompute=all"}, "flow.recompute is \"all\""},
      {{"flow.rule=match"}, "flow.rule is \"match\", wanted one of [adjoint, matching, policy_gradient]"},
      {{"matching.beta=2"}, "matching.beta is set, but flow.rule = \"adjoint\" never reads it"},
      {{"matching.quantile=0.5"}, "matching.quantile is set"},
      {{"matching.steps=1"}, "matching.steps is set"},
      {{"flow.rule=matching", "flow.policy=random"}, "flow.policy is set, but flow.rule = \"matching\""},
      {{"flow.rule=matching", "flow.K=1"}, "flow.K is set"},
      {{"matching.trust=1"}, "matching.trust is set, but flow.rule = \"adjoint\" never reads it"},
      {{"flow.rule=matching", "matching.trust=0.5"},
       "matching.trust is 0.5, but with flow.reuse = 1 every velocity is the rollout's"},
      {{"flow.rule=matching", "flow.reuse=2", "matching.trust=-1"},
       "matching.trust is -1, wanted at least 0"},
      {{"flow.rule=matching", "matching.eta=cosine"},
       "matching.eta is \"cosine\", wanted one of [linear, quad, constant]"},
      {{"flow.rollouts=-1"}, "flow.rollouts is -1, wanted at least 0"},
      {{"flow.rollouts=8"}, "lora.steps is \"all\""},
      {{"flow.rollouts=8", "lora.steps=trained", "flow.reuse=2"}, "noises finished clips again"},
      {{"flow.rollouts=8", "lora.steps=trained", "flow.K=2", "flow.K_min=1"}, "(flow.K_min)"},
      {{"flow.rollouts=8", "lora.steps=trained", "flow.policy=sparse"}, "(policy \"sparse\")"},
      {{"flow.rollouts=8", "lora.steps=trained", "flow.policy=list", "flow.steps=[1, 2]", "flow.leap=true"},
       "(flow.leap)"},
      {{"flow.rule=matching", "flow.rollouts=8"}, "flow.rollouts is set"},
      {{"flow.rule=matching", "flow.cfg_grad=cond"}, "flow.cfg_grad is set"},
      {{"flow.rule=matching", "flow.detach_input=true"}, "flow.detach_input is set"},
      {{"flow.rule=matching", "flow.draws=3"}, "flow.draws is set"},
      {{"flow.rule=matching", "train.anchor=0.1"}, "train.anchor is set"},
      {{"flow.rule=matching", "matching.beta=0"}, "matching.beta is 0, wanted more than 0"},
      {{"flow.rule=matching", "matching.quantile=0"}, "matching.quantile is 0, wanted a number in (0, 1]"},
      {{"flow.rule=matching", "matching.quantile=1.1"}, "matching.quantile is 1.1"},
      {{"matching.branches=guided"}, "matching.branches is set, but flow.rule = \"adjoint\" never reads it"},
      {{"flow.rule=matching", "matching.branches=both"},
       "matching.branches is \"both\", wanted one of [each, guided]"},
      {{"flow.rule=matching", "matching.branches=guided", "sampling.guidance=1"}, "there is no other branch"},
      {{"flow.rule=matching", "matching.steps=-1"}, "matching.steps is -1"},
      {{"flow.rule=matching", "matching.steps=31"}, "wanted at most sampling.steps, which is 30"},
      {{"policy_gradient.group=2"},
       "policy_gradient.group is set, but flow.rule = \"adjoint\" never reads it"},
      {{"flow.rule=matching", "policy_gradient.kl=0"},
       "policy_gradient.kl is set, but flow.rule = \"matching\" never reads it"},
      {grpo({"matching.beta=2"}), "matching.beta is set, but flow.rule = \"policy_gradient\" never reads it"},
      {grpo({"flow.K=3"}), "flow.K is set, but flow.rule = \"policy_gradient\""},
      {grpo({"flow.policy=uniform"}), "flow.policy is set, but flow.rule = \"policy_gradient\""},
      {grpo({"flow.nested=0"}), "flow.nested is set, but flow.rule = \"policy_gradient\""},
      {grpo({"flow.seed=3"}), "flow.seed is set, but flow.rule = \"policy_gradient\""},
      {grpo({"train.anchor=0.1"}), "train.anchor is set, but flow.rule = \"policy_gradient\""},
      {grpo({"train.batch=6"}),
       "policy_gradient.group is 4, wanted a divisor of the clips of an update, train.batch x "
       "train.accumulate = "
       "6"},
      {grpo({"policy_gradient.group=1"}), "policy_gradient.group is 1, wanted at least 2"},
      {grpo({"policy_gradient.noise=0"}), "policy_gradient.noise is 0, wanted 0.001 to 100"},
      {grpo({"policy_gradient.clip=1"}), "policy_gradient.clip is 1, wanted a number in (0, 1)"},
      {grpo({"policy_gradient.kl=-1"}), "policy_gradient.kl is -1, wanted 0 (off) to 1e6"},
      {grpo({"policy_gradient.clip=0.1"}), "but with flow.reuse = 1 every ratio is 1; leave it out"},
      {grpo({"sampling.steps=1"}), "trains all steps but the last; wanted at least 2"},
      {grpo({"reward.odds=true"}),
       "reward.odds is true, but flow.rule = \"policy_gradient\" takes no gradient"},
      {grpo({"reward.focus=true"}),
       "reward.focus is true, but flow.rule = \"policy_gradient\" takes no gradient"},
      {grpo({"reward.out_of_range=1"}), "judges clips as a viewer sees them"},
      {{"flow.cfg_grad=none"}, "flow.cfg_grad is \"none\""},
      {{"flow.cfg_grad=cond", "sampling.guidance=1"}, "there is no other branch"},
      {{"sampling.guidance=1", "sampling.negative=ugly"}, "never reads it"},
      {{"sampling.guidance=0.5"}, "sampling.guidance is 0.5, wanted 1 (off) or more"},
      {{"sampling.frames=0"}, "sampling.frames is 0"},
      {{"sampling.width=-16"}, "sampling.width is -16"},
      {{"sampling.steps=0"}, "sampling.steps is 0"},
      {{"sampling.fps=0"}, "sampling.fps is 0"},
      {{"sampling.shift=0"}, "sampling.shift is 0"},
      {{"reward.out_of_range=-1"}, "reward.out_of_range is -1, wanted at least 0"},
      {{"sampling.schedule=euler"}, "sampling.schedule is \"euler\", wanted one of [flow, diffusers]"},
      {{"generator.dtype=bf16"}, "generator.dtype is \"bf16\", wanted one of"},
      {{"critic.dtype=int8"}, "critic.dtype is \"int8\""},
      {{"critic.frames=0"}, "critic.frames is 0"},
      {{"critic.max_pixels=-1"}, "critic.max_pixels is -1"},
      {{"generator.path="}, "generator.path is not set"},
      {{"critic.path="}, "critic.path is not set"},
      {{"prompts.train="}, "prompts.train is not set"},
      {{"output.dir="}, "output.dir is not set"},
      {{"generator.text_length=0"}, "generator.text_length is 0"},
      {{"questions.file=q", "questions.templates=t"}, "are both set"},
      {{"questions.file=q", "questions.dense=false"}, "questions.dense is false"},
      {{"questions.source=oracle"},
       "questions.source is \"oracle\", wanted one of [templates, critic, endpoint]"},
      {{"questions.file=q", "questions.source=critic"}, "but questions.file says what is asked"},
      {{"questions.source=endpoint"}, "writer.url is not set"},
      {{"questions.source=endpoint", "writer.url=u"}, "writer.model is not set"},
      {{"questions.source=critic", "writer.url=u"},
       "writer.url is set, but only questions.source = \"endpoint\""},
      {{"writer.key_env=K"}, "writer.key_env is set, but only questions.source = \"endpoint\""},
      {{"writer.parallel=2"}, "writer.parallel is set, but only"},
      {{"questions.source=endpoint", "writer.url=http://me:secret@host/v1", "writer.model=m"},
       "writer.url holds a user"},
      {{"writer.parallel=0"}, "writer.parallel is 0"},
      {{"writer.requests_per_minute=60"}, "writer.requests_per_minute is set, but only"},
      {{"writer.requests_per_minute=-1"}, "writer.requests_per_minute is -1"},
      {{"writer.instructions=f"}, "writer.instructions is set, but only questions.source = \"critic\" or"},
      {{"questions.paraphrases=true"}, "questions.paraphrases is set, but only"},
      {{"questions.held_out=0.1"}, "questions.held_out is set, but only"},
      {{"questions.source=critic", "questions.held_out=1"}, "questions.held_out is 1"},
      {{"lora.rank=0"}, "lora.rank is 0"},
      {{"lora.alpha=0"}, "lora.alpha is 0"},
      {{"lora.targets=[]"}, "lora.targets is []"},
      {{"lora.targets=[\"\"]"}, "no empty names"},
      {{"reward.weights.TA=0", "reward.weights.PF=0", "reward.weights.VQ=0"}, "all 0"},
      {{"reward.weights={}"}, "all 0"},
      {{"reward.weights.VQ=-1"}, "reward.weights.VQ is -1"},
      {{"reward.weights.AT=1"}, "an aspect of reward.weights is \"AT\""},
      {{"reward.margin=0"}, "reward.margin is 0"},
      {{"reward.odds=true", "reward.focus=true"}, "reward.focus and reward.odds are both true"},
      {{"reward.margin=1.5"}, "reward.margin is 1.5"},
      {{"train.updates=0"}, "train.updates is 0"},
      {{"train.batch=0"}, "train.batch is 0"},
      {{"train.accumulate=0"}, "train.accumulate is 0"},
      {{"train.lr=0"}, "train.lr is 0"},
      {{"train.warmup=-1"}, "train.warmup is -1"},
      {{"train.weight_decay=-1"}, "train.weight_decay is -1"},
      {{"train.beta1=1"}, "train.beta1 is 1"},
      {{"train.beta2=-0.1"}, "train.beta2 is -0.1"},
      {{"train.eps=0"}, "train.eps is 0"},
      {{"train.clip=-1"}, "train.clip is -1"},
      {{"train.anchor=-1"}, "train.anchor is -1"},
      {{"train.adapter_norm=-1"}, "train.adapter_norm is -1"},
      {{"train.weights=all"}, "train.weights is \"all\", wanted one of [lora, full]"},
      {{"train.weights=full", "lora.alpha=8"},
       "lora.alpha is set, but train.weights = \"full\" trains no adapters"},
      {{"train.weights=full", "lora.init_from=a"}, "lora.init_from is set"},
      {{"train.weights=full", "lora.steps=trained"}, "lora.steps is set"},
      {{"lora.steps=last"}, "lora.steps is \"last\", wanted one of [all, trained]"},
      {{"train.weights=full", "output.comfyui=true"}, "output.comfyui is set"},
      {{"train.weights=full", "train.adapter_norm=1"}, "train.adapter_norm is set"},
      {{"train.ema=1"}, "train.ema is 1, wanted a decay in [0, 1)"},
      {{"train.ema=-0.1"}, "train.ema is -0.1"},
      {{"train.checkpoint_every=-1"}, "train.checkpoint_every is -1"},
      {{"train.eval_every=5"}, "since train.eval_every is set"},
      {{"train.early_stop=true"}, "train.early_stop is true, but train.eval_every is 0"},
      {{"train.early_stop=true", "train.eval_every=250", "prompts.held_out=p"},
       "train.updates = 1000 and train.eval_every = 250 make 4 validations"},
      {{"train.max_skipped=0"}, "train.max_skipped is 0"},
      {{"eval.prompts=-1"}, "eval.prompts is -1"},
      {{"train.lr_final=1.5"}, "train.lr_final is 1.5"},
      {{"eval.seeds=0"}, "eval.seeds is 0"},
      {{"seed=-1"}, "seed is -1"},
  };
  for (const auto& [sets, part] : cases) {
    const std::string message = error_of(ErrorKind::kConfig, [&] {
      run::load_config(folder / "r.toml", sets,
                       {"last", "list", "random", "low_variance", "uniform", "sparse"});
    });
    EXPECT_TRUE(says(message, part)) << sets.front();
    EXPECT_TRUE(says(message, "r.toml"));
  }
}

TEST(RunConfig, EveryRuleAndPolicyHasSettingsThatAreAccepted) {
  TemporaryFolder folder;
  write_text(folder / "r.toml", kMinimal);
  const std::vector<std::string> policies = {"last", "list", "random", "low_variance", "uniform", "sparse"};
  const auto load = [&](const std::vector<std::string>& sets) {
    return run::load_config(folder / "r.toml", sets, policies);
  };
  EXPECT_EQ(load({"flow.policy=low_variance", "flow.draws=4"}).flow.K, 1);
  EXPECT_EQ(load({"flow.policy=random", "flow.seed=3", "flow.reuse=4"}).flow.seed, 3);
  EXPECT_EQ(load({"flow.policy=uniform", "flow.K=5", "flow.detach_input=true"}).flow.K, 5);
  EXPECT_EQ(load({"flow.K=30", "flow.K_min=1", "flow.seed=3"}).flow.K_min, 1);
  EXPECT_EQ(load({"flow.policy=random", "flow.K=1", "flow.window=11"}).flow.window, 11);
  EXPECT_EQ(
      load({"flow.policy=sparse", "flow.K=1", "flow.bias=4", "flow.rescale=0.5", "flow.nested=0"}).flow.bias,
      4);
  EXPECT_EQ(load({"flow.nested=0.5", "flow.nested_at=one", "flow.seed=1"}).flow.nested, 0.5);
  EXPECT_EQ(load({"flow.policy=list", "flow.steps=[3]", "flow.nested=0"}).flow.nested, 0);
  EXPECT_TRUE(load({"flow.policy=sparse", "flow.bias=0", "flow.nested=0.3", "flow.leap=true"}).flow.leap);
  EXPECT_EQ(load({"flow.cfg_batch=on", "flow.cfg_grad=cond"}).flow.cfg_batch, "on");
  EXPECT_EQ(
      load({"flow.rule=matching", "flow.reuse=2", "matching.trust=0.5", "matching.eta=quad"}).flow.reuse, 2);
  // The default K may exceed the steps: this rule has no K.
  EXPECT_EQ(
      load({"flow.rule=matching", "matching.beta=2", "matching.steps=1", "sampling.steps=1"}).matching.beta,
      2);
}

TEST(RunConfig, PolicyGradientsReadWhatPassesAndGuidanceNeed) {
  TemporaryFolder folder;
  write_text(folder / "r.toml", kMinimal);
  const RunConfig c = run::load_config(
      folder / "r.toml", {"flow.rule=policy_gradient", "train.batch=2", "train.accumulate=12", "flow.reuse=2",
                          "policy_gradient.clip=1e-3", "flow.cfg_grad=cond", "flow.recompute=stage"});
  EXPECT_EQ(c.group(), 24);
  EXPECT_EQ(run::load_config(folder / "r.toml", {}).group(), 1);
  run::require_reward_gradient(run::load_config(folder / "r.toml", {}), "drf gradient");
  EXPECT_THROW(run::require_reward_gradient(c, "drf gradient"), Error);
  // A surrogate is there for its gradient.
  write_text(folder / "s.toml", std::string(kMinimal) + R"(
[[rewards]]
kind = "vlm"
name = "teacher"
[[rewards]]
kind = "surrogate"
teacher = "teacher"
)");
  try {
    run::load_config(folder / "s.toml", {"flow.rule=policy_gradient", "train.batch=24"});
    ADD_FAILURE();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("rewards.1.kind is \"surrogate\", but flow.rule"), std::string::npos)
        << e.what();
  }
}

// [robust] where there is nothing to move, or it would move what must stay.
TEST(RunConfig, WhatIsRobustIsReadWhereSomethingIsMoved) {
  TemporaryFolder folder;
  write_text(folder / "r.toml", kMinimal);
  write_text(folder / "judged.toml", std::string(kMinimal) + R"(
[[rewards]]
kind = "vlm"
judge = true
[[rewards]]
kind = "clip"
path = "P"
)");
  write_text(folder / "fields.toml",
             "[generator]\npath = \"g\"\n[sampling]\nguidance = 1.0\n[[rewards]]\nkind = "
             "\"residual\"\nequation = \"poisson\"\n");
  write_text(folder / "taught.toml", std::string(kMinimal) + R"(
[[rewards]]
kind = "vlm"
name = "teacher"
[[rewards]]
kind = "surrogate"
teacher = "teacher"
)");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"r.toml", "robust.frames=-1"}, "robust.frames is -1, wanted at least 0"},
      {{"r.toml", "robust.frames=81"}, "robust.frames is 81, wanted less than sampling.frames, which is 81"},
      {{"r.toml", "robust.resolution=0.95"}, "robust.resolution is 0.95, wanted 0 (off) to 0.9"},
      {{"r.toml", "robust.questions=1"}, "robust.questions is 1, wanted a share from 0 to less than 1"},
      {{"r.toml", "robust.pixels=2"}, "robust.pixels is 2, wanted 0 (off) to 1"},
      {{"r.toml", "robust.adapters=-1"}, "robust.adapters is -1, wanted 0 (off) to 1e6"},
      {{"r.toml", "flow.reuse=2", "robust.adapters=0.1"}, "would go on with the rollout of moved adapters"},
      {{"r.toml", "flow.rule=matching", "robust.adapters=0.1"}, "regresses to what its own rollout says"},
      {{"fields.toml", "robust.frames=1"}, "robust.frames is 1, but no reward that trains sees pixels"},
      {{"fields.toml", "robust.resolution=0.1"}, "no reward that trains sees pixels"},
      {{"fields.toml", "robust.pixels=0.1"}, "no reward that trains sees pixels"},
      {{"fields.toml", "robust.questions=0.1"}, "no reward that trains asks any"},
      {{"judged.toml", "robust.questions=0.1"}, "no reward that trains asks any"},
      {{"taught.toml", "robust.pixels=0.1"}, "no reward that trains sees pixels"},
      {{"taught.toml", "robust.adapters=0.1"}, "would be shown the clips of moved adapters"},
      {{"taught.toml", "flow.rule=matching", "flow.reuse=2"}, "would be shown no clip between rollouts"},
  };
  const auto load = [&](const std::vector<std::string>& file_and_sets) {
    return run::load_config(folder / file_and_sets.front(), {file_and_sets.begin() + 1, file_and_sets.end()});
  };
  for (const auto& [sets, part] : cases)
    EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { load(sets); }), part)) << sets.back();
  for (const char* key : {"frames=1", "resolution=0.1", "questions=0.1", "pixels=0.1", "adapters=0.1"}) {
    const std::string set = std::string("robust.") + key;
    std::vector<std::string> sets = grpo({set});
    sets.insert(sets.begin(), "r.toml");
    EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { load(sets); }),
                     "but flow.rule = \"policy_gradient\" judges clips as a viewer sees them"));
    load({"r.toml", set});
  }
  load({"fields.toml", "robust.adapters=0.1"});
  load({"judged.toml", "robust.pixels=0.1"});
  load({"r.toml", "flow.rule=matching", "flow.reuse=2", "robust.pixels=0.1", "robust.questions=0.5"});
}

// The key that flow.nested = 0 had before: files and records of runs that name it go on.
TEST(RunConfig, DetachedInputsAreReadAsNestedZero) {
  TemporaryFolder folder;
  write_text(folder / "r.toml", kMinimal);
  RunConfig config = run::load_config(folder / "r.toml", {"flow.detach_input=true"});
  EXPECT_EQ(config.flow.nested, 0);
  EXPECT_FALSE(config.flow.detach_input);
  const std::string resolved = config_to_toml(fields_of(config));
  write_text(folder / "resolved.toml", resolved);
  RunConfig again = run::load_config(folder / "resolved.toml", {});
  EXPECT_EQ(config_to_toml(fields_of(again)), resolved);
  EXPECT_EQ(run::load_config(folder / "r.toml", {"flow.detach_input=true", "flow.nested=0"}).flow.nested, 0);
  EXPECT_EQ(run::load_config(folder / "r.toml", {"flow.detach_input=false"}).flow.nested, 1);

  // The record of a run that an older program began.
  RunConfig before;
  write_text(folder / "record.toml", "[flow]\ndetach_input = true\n");
  EXPECT_TRUE(run::read_run_record(folder / "record.toml", before).count("flow.nested"));
  EXPECT_EQ(before.flow.nested, 0);
  EXPECT_FALSE(before.flow.detach_input);
}

TEST(RunConfig, AListOfStepsSetsKAndTheResolvedFileLoadsAgain) {
  TemporaryFolder folder;
  write_text(folder / "r.toml", kMinimal);
  RunConfig config = run::load_config(folder / "r.toml",
                                      {"flow.policy=list", "flow.steps=[3,5,7]", "train.lr=3e-5"}, {"list"});
  EXPECT_EQ(config.flow.K, 3);
  const std::string resolved = config_to_toml(fields_of(config));
  write_text(folder / "resolved.toml", resolved);
  RunConfig again = run::load_config(folder / "resolved.toml", {}, {"list"});
  EXPECT_EQ(config_to_toml(fields_of(again)), resolved);
}

}  // namespace
}  // namespace drf
