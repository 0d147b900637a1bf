#include "drf/train/config.h"

#include <algorithm>
#include <utility>

#include "drf/base/byte_size.h"
#include "drf/base/error.h"
#include "drf/base/nearest.h"

namespace drf::train {

void GeneratorConfig::fields(FieldVisitor& v) {
  v("path", path, "folder of a Wan2.1-T2V checkpoint in diffusers' layout");
  v("dtype", dtype, "weights and activations: bfloat16, float32, float16 or float64");
  v("text_length", text_length, "tokens the prompt is padded or cut to");
}

void CriticConfig::fields(FieldVisitor& v) {
  v("path", path, "folder of a Qwen2.5-VL or Qwen3-VL checkpoint in transformers' layout");
  v("dtype", dtype, "weights and activations: bfloat16, float32, float16 or float64");
  v("frames", frames, "frames shown to the critic, taken uniformly from the clip, first and last included");
  v("max_pixels", max_pixels, "largest frame shown to the critic in pixels, 0 = the checkpoint's own limit");
}

void PromptsConfig::fields(FieldVisitor& v) {
  v("train", train, "prompts to train on: one a line, or .jsonl with {\"prompt\": ...}");
  v("held_out", held_out, "prompts that are only evaluated, same formats");
}

void QuestionsConfig::fields(FieldVisitor& v) {
  v("file", file, "questions as JSON lines; made from templates when empty");
  v("templates", templates, "file of question templates, empty = the built-in ones");
  v("dense", dense, "also ask open questions with free-text answers; false = yes/no questions only");
}

void SamplingConfig::fields(FieldVisitor& v) {
  v("frames", frames, "frames of a clip, 4k + 1 for Wan");
  v("width", width, "pixels, a multiple of the VAE's factor times the patch (16 for Wan)");
  v("height", height, "pixels, as width");
  v("fps", fps, "frames a second the clip is meant to play at");
  v("steps", steps, "Euler steps from noise to clip (N)");
  v("shift", shift, "time shift of the schedule: larger spends more steps at high noise");
  v("schedule", schedule,
    "levels of the Euler steps: flow (Wan's own) or diffusers (FlowMatchEulerDiscreteScheduler's, whose last "
    "step "
    "does nothing)");
  v("guidance", guidance, "classifier-free guidance scale, 1 = off");
  v("negative", negative, "negative prompt");
  v("noise", noise, "safetensors file whose 'noise' replaces the seeded one (drf gradient)");
}

void FlowConfig::fields(FieldVisitor& v) {
  v("rule", rule,
    "adjoint (the exact gradient through the steps that train) or matching (velocities regressed to the base "
    "model's, "
    "moved along the reward's gradient)");
  v("policy", policy, "which steps carry gradient: last, random, uniform, list or low_variance");
  v("K", K, "how many steps carry gradient");
  v("steps", steps, "policy list: the steps, 0 = the first (noisiest)");
  v("seed", seed, "policy random: seed of the draw, -1 = the run's");
  v("draws", draws,
    "policy low_variance: times the finished clip is noised again and its gradients averaged");
  v("detach_input", detach_input,
    "velocities see their state without gradient (DRTune): cheaper, and no longer the exact gradient");
  v("reuse", reuse,
    "updates that one rollout serves: those after the first noise its clip again instead of rolling out; 1 = "
    "exact");
  v("cfg_grad", cfg_grad,
    "gradient of the guided velocity: both (exact) or cond (the conditional branch's with weight 1: half the "
    "work, an approximation, and with K > 1 one of how earlier steps count as well)");
  v("cfg_batch", cfg_batch,
    "guidance's two branches in one call of twice the batch: on, off, or auto (on where memory allows)");
  v("recompute", recompute,
    "what the backward runs again: block (least memory), stage, none (fastest, most memory), or auto (the "
    "fastest that fits)");
  v("decode_chunk", decode_chunk,
    "latent frames that the decoder takes at a time, at most the clip's; 0 = auto: all, or with recompute = "
    "\"block\" as many as keep memory low");
  v("decode_stripes", decode_stripes,
    "stripes of rows that the decoder's finest levels are decoded in, exactly, at most as many as there are "
    "rows; each adds the rows around it. 0 = auto: 1, or with recompute = \"block\" as many as keep memory "
    "low");
}

void MatchingConfig::fields(FieldVisitor& v) {
  v("beta", beta, "how far velocities are moved along the reward's gradient");
  v("quantile", quantile,
    "the gradient's norm is clipped at this quantile of a clip's recent norms, 1 = never");
  v("steps", steps, "steps matched at an update, drawn at random; 0 = all");
}

void LoraConfig::fields(FieldVisitor& v) {
  v("rank", rank, "rank of the adapters");
  v("alpha", alpha, "an adapter's output is scaled by alpha / rank");
  v("targets", targets, "linear layers that get one, by the end of their name");
  v("init_from", init_from,
    "adapters to start from (safetensors of diffusers or ComfyUI), empty = fresh ones");
}

void RewardConfig::fields(FieldVisitor& v) {
  v("weights", weights, "weight of each aspect: text alignment, physical fidelity, visual quality");
  v("focus", focus,
    "weigh a question's gradient by 1 - p, so that unmet ones get it; the rewards shown are without it");
  v("margin", margin, "an answer gains nothing beyond this probability, 1 = no limit");
  v("end_token", end_token, "dense answers: count the end token as well");
  v("out_of_range", out_of_range,
    "training: weight of a penalty on pixel values beyond [0, 1], the mean square of how far; 0 = none");
}

void RewardTermConfig::fields(FieldVisitor& v) {
  v("kind", kind,
    "vlm (the questions of [critic], [questions] and [reward]), clip (a transformers CLIPModel folder: "
    "PickScore, "
    "HPSv2 in that form, plain CLIP) or residual (fields: minus the mean square of an equation's residual)");
  v("name", name, "in metrics as reward/NAME; empty = the kind");
  v("weight", weight, "times the reward in the sum that is trained on");
  v("judge", judge, "scored where held-out prompts are, beside the reward that trains; never a gradient");
  v("path", path, "clip: its folder");
  v("dtype", dtype, "clip: float64, float32, bfloat16 or float16");
  v("frames", frames, "clip: frames that are scored, taken as the critic's are; the mean over them counts");
  v("scale", scale, "clip: logit (exp(logit_scale) x cosine, as PickScore) or cosine");
  v("fit", fit, "clip: crop (the middle, as transformers) or pad (all of it on black, as HPSv2's own code)");
  v("equation", equation, "residual: poisson, helmholtz, darcy, burgers or kolmogorov, as fields.json says");
}

void TrainConfig::fields(FieldVisitor& v) {
  v("updates", updates, "optimiser updates");
  v("batch", batch, "prompts at a time; an update is made of batch x accumulate of them");
  v("accumulate", accumulate, "batches added up before an update");
  v("lr", lr, "peak learning rate of AdamW");
  v("warmup", warmup, "updates over which the rate rises linearly, 0 = none");
  v("lr_final", lr_final,
    "share of lr left at the last update, reached linearly after the warm-up (never by a run that ends "
    "within it); 1 = constant");
  v("weight_decay", weight_decay, "decoupled decay of AdamW");
  v("beta1", beta1, "AdamW's decay of the first moment");
  v("beta2", beta2, "AdamW's decay of the second moment");
  v("eps", eps, "AdamW's epsilon; far below the gradients' size it acts like sign descent");
  v("clip", clip, "largest global norm of an update's gradient, 0 = no limit");
  v("anchor", anchor, "weight of the pull towards the base model's velocity, 0 = none");
  v("checkpoint_every", checkpoint_every, "updates between checkpoints, 0 = none but the last");
  v("checkpoint_minutes", checkpoint_minutes,
    "minutes after which the next finished update is saved as well, 0 = never");
  v("eval_every", eval_every, "updates between evaluations on held-out prompts, 0 = none");
  v("max_skipped", max_skipped, "updates in a row with non-finite values before the run stops");
}

void MemoryConfig::fields(FieldVisitor& v) {
  v("park", park,
    "networks that a stage does not use leave the device and come back before theirs: on, off, or auto (on "
    "where "
    "a run does not fit otherwise); nothing that is learnt changes");
  v("text_states", text_states,
    "prompts' text states held in the host's memory, at most; beyond that they lie in a file, during the "
    "run");
  v("decoder", decoder,
    "with recompute = \"block\", about what the decoder keeps for its backward: a size such as 2GiB, or auto "
    "(384MiB, "
    "and more where that is free and saves time)");
}

void EvalConfig::fields(FieldVisitor& v) {
  v("prompts", prompts, "at most so many of the held-out prompts are evaluated, the first ones; 0 = all");
  v("seeds", seeds, "clips a prompt, each from its own noise");
}

void OutputConfig::fields(FieldVisitor& v) {
  v("dir", dir, "run directory, must not hold another run");
  v("comfyui", comfyui,
    "also write each checkpoint's adapters under ComfyUI's names: adapters_comfyui.safetensors");
  v("keep", keep, "newest checkpoints that are kept, beside the best; 0 = all");
}

void RunConfig::fields(FieldVisitor& v) {
  v("seed", seed, "seed of noise, prompt order and fresh adapters");
  v.section("generator", generator);
  v.section("critic", critic);
  v.section("prompts", prompts);
  v.section("questions", questions);
  v.section("sampling", sampling);
  v.section("flow", flow);
  v.section("matching", matching);
  v.section("lora", lora);
  v.section("reward", reward);
  v.sections("rewards", rewards);
  v.section("train", train);
  v.section("memory", memory);
  v.section("eval", eval);
  v.section("output", output);
}

namespace {

template <typename T, typename... Wanted>
void require(bool holds, const char* key, const T& value, const Wanted&... wanted) {
  if (!holds) fail(ErrorKind::kConfig, key, " is ", value, ", wanted ", wanted...);
}

template <typename T>
void at_least(const char* key, T value, T least) {
  require(value >= least, key, value, "at least ", least);
}

// The upper bounds are far above what anyone runs: they catch slips of the hand before memory is asked for.
void within(const char* key, int64_t value, int64_t least, int64_t most) {
  at_least<int64_t>(key, value, least);
  require(value <= most, key, value, "at most ", most);
}

void one_of(const char* key, const std::string& value, const std::vector<std::string>& names) {
  if (std::find(names.begin(), names.end(), value) != names.end()) return;
  const auto close = nearest(value, names, 1);
  fail(ErrorKind::kConfig, key, " is \"", value, "\", wanted one of ", names,
       close.empty() ? "" : "; did you mean \"" + close.front() + "\"?");
}

void given(const char* key, const std::string& value, const char* what) {
  if (value.empty()) fail(ErrorKind::kConfig, key, " is not set, wanted ", what);
}

const std::vector<std::string> kDtypes = {"float64", "float32", "bfloat16", "float16"};

void validate_sampling(const SamplingConfig& sampling) {
  within("sampling.frames", sampling.frames, 1, 100'000);
  within("sampling.width", sampling.width, 1, 65'536);
  within("sampling.height", sampling.height, 1, 65'536);
  within("sampling.steps", sampling.steps, 1, 10'000);
  require(sampling.fps >= 0.01 && sampling.fps <= 1000, "sampling.fps", sampling.fps, "0.01 to 1000");
  require(sampling.shift >= 0.001 && sampling.shift <= 1000, "sampling.shift", sampling.shift,
          "0.001 to 1000");
  one_of("sampling.schedule", sampling.schedule, {"flow", "diffusers"});
  require(sampling.guidance >= 1 && sampling.guidance <= 1000, "sampling.guidance", sampling.guidance,
          "1 (off) or more, and 1000 at most");
  if (sampling.guidance == 1 && !sampling.negative.empty()) {
    fail(ErrorKind::kConfig,
         "sampling.negative is set, but sampling.guidance = 1 never reads it; raise the guidance or "
         "leave the negative prompt out");
  }
}

void validate_flow(const FlowConfig& flow, const SamplingConfig& sampling,
                   const std::vector<std::string>& policies) {
  one_of("flow.rule", flow.rule, {"adjoint", "matching"});
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
  within("flow.draws", flow.draws, 1, 1'000'000);
  if (flow.policy == "low_variance") {
    require(flow.K == 1, "flow.K", flow.K, "1: policy \"low_variance\" trains the last step alone");
  }
  if (flow.policy != "random") {
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
    require(flow.steps[i] >= 0 && flow.steps[i] < sampling.steps, "flow.steps", flow.steps,
            "steps from 0 to ", sampling.steps - 1);
    require(i == 0 || flow.steps[i] > flow.steps[i - 1], "flow.steps", flow.steps,
            "rising numbers, each once");
  }
  if (flow.K != static_cast<int64_t>(flow.steps.size())) {
    fail(ErrorKind::kConfig, "flow.K is ", flow.K, ", but flow.steps lists ", flow.steps.size(),
         "; leave flow.K out with policy \"list\"");
  }
}

// What the chosen update rule or policy never reads must be left at its default.
void validate_rule(RunConfig c) {
  static const std::set<std::string> adjoint_only = {
      "flow.policy", "flow.K",        "flow.steps",        "flow.seed",   "flow.draws",
      "flow.reuse",  "flow.cfg_grad", "flow.detach_input", "train.anchor"};
  const bool matching = c.flow.rule == "matching";
  RunConfig defaults;
  defaults.rewards.resize(c.rewards.size());
  const auto wanted = fields_of(defaults), got = fields_of(c);
  for (size_t i = 0; i < got.size(); ++i) {
    const std::string& key = got[i].key;
    const bool unread = matching ? adjoint_only.count(key) > 0 : key.rfind("matching.", 0) == 0;
    if (unread && config_to_toml({got[i]}) != config_to_toml({wanted[i]})) {
      fail(ErrorKind::kConfig, key, " is set, but flow.rule = \"", c.flow.rule,
           "\" never reads it; leave it out");
    }
  }
  if (c.flow.policy != "low_variance" && c.flow.draws != defaults.flow.draws) {
    fail(ErrorKind::kConfig, "flow.draws is ", c.flow.draws, ", but policy \"", c.flow.policy,
         "\" never reads it (\"low_variance\" does); leave it out");
  }
  require(c.matching.beta > 0, "matching.beta", c.matching.beta, "more than 0");
  require(c.matching.quantile > 0 && c.matching.quantile <= 1, "matching.quantile", c.matching.quantile,
          "a number in (0, 1]");
  at_least<int64_t>("matching.steps", c.matching.steps, 0);
  if (c.matching.steps > c.sampling.steps) {
    fail(ErrorKind::kConfig, "matching.steps is ", c.matching.steps,
         ", wanted at most sampling.steps, which is ", c.sampling.steps, " (0 = all)");
  }
}

void validate_lora(const LoraConfig& lora) {
  within("lora.rank", lora.rank, 1, 65'536);
  require(lora.alpha > 0, "lora.alpha", lora.alpha, "more than 0");
  require(!lora.targets.empty(), "lora.targets", lora.targets, "at least one name");
  for (const std::string& target : lora.targets)
    require(!target.empty(), "lora.targets", lora.targets, "no empty names");
}

void validate_reward(const RewardConfig& reward) {
  bool any = false;
  for (const auto& [aspect, weight] : reward.weights) {
    one_of("an aspect of reward.weights", aspect, {"TA", "PF", "VQ"});
    require(weight >= 0, ("reward.weights." + aspect).c_str(), weight, "0 or more");
    any = any || weight > 0;
  }
  if (!any) fail(ErrorKind::kConfig, "reward.weights are all 0, wanted one above 0: nothing would be learnt");
  require(reward.margin > 0 && reward.margin <= 1, "reward.margin", reward.margin, "a probability in (0, 1]");
  at_least("reward.out_of_range", reward.out_of_range, 0.0);
}

// What the kind of a reward never reads must be left out.
void validate_term(RewardTermConfig term, const std::string& at, const std::set<std::string>& given_keys) {
  one_of((at + "kind").c_str(), term.kind, {"vlm", "clip", "residual"});
  static const std::map<std::string, std::set<std::string>> own = {
      {"vlm", {}}, {"clip", {"path", "dtype", "frames", "scale", "fit"}}, {"residual", {"equation"}}};
  for (const Field& field : fields_of(term)) {
    if (field.key == "kind" || field.key == "name" || field.key == "weight" || field.key == "judge") continue;
    if (given_keys.count(at + field.key) && !own.at(term.kind).count(field.key)) {
      fail(ErrorKind::kConfig, at, field.key, " is set, but a reward of kind \"", term.kind,
           "\" never reads it; leave it out");
    }
  }
  if (term.judge && given_keys.count(at + "weight"))
    fail(ErrorKind::kConfig, at, "weight is set, but a judge is never trained on; leave one of them out");
  if (term.kind == "clip") {
    given((at + "path").c_str(), term.path, "a folder with a CLIPModel");
    one_of((at + "dtype").c_str(), term.dtype, kDtypes);
    one_of((at + "scale").c_str(), term.scale, {"logit", "cosine"});
    one_of((at + "fit").c_str(), term.fit, {"crop", "pad"});
    within((at + "frames").c_str(), term.frames, 1, 100'000);
  }
  if (term.kind == "residual") given((at + "equation").c_str(), term.equation, "what fields.json says");
}

void validate_rewards(const RunConfig& c) {
  std::set<std::string> names;
  bool trains = false, asks = false;
  const std::vector<RewardTermConfig> terms = c.terms();
  for (size_t i = 0; i < terms.size(); ++i) {
    const std::string at = concat("rewards.", i, ".");
    validate_term(terms[i], at, c.given_keys);
    if (!names.insert(terms[i].name).second) {
      fail(ErrorKind::kConfig, at, "name is \"", terms[i].name,
           "\", which another reward has; give them names of their own");
    }
    if (terms[i].kind == "vlm" && std::exchange(asks, true)) {
      fail(ErrorKind::kConfig, at,
           "kind is \"vlm\" a second time, but there is one [critic]; leave one of them out");
    }
    trains = trains || (!terms[i].judge && terms[i].weight != 0);
  }
  if (!trains) {
    fail(ErrorKind::kConfig,
         "rewards: all weights are 0 or all are judges, wanted one to train on: nothing would be learnt");
  }
  if (asks) return;
  for (const std::string& key : c.given_keys) {
    if (key == "reward.out_of_range") continue;
    for (const char* section : {"critic.", "questions.", "reward."}) {
      if (key.rfind(section, 0) == 0) {
        fail(ErrorKind::kConfig, key,
             " is set, but no reward of kind \"vlm\" reads it; leave it out, or add [[rewards]] with "
             "kind = \"vlm\"");
      }
    }
  }
}

void validate_train(const TrainConfig& train, const PromptsConfig& prompts) {
  within("train.updates", train.updates, 1, 1'000'000'000);
  within("train.batch", train.batch, 1, 1'000'000);
  within("train.accumulate", train.accumulate, 1, 1'000'000);
  at_least<int64_t>("train.warmup", train.warmup, 0);
  require(train.lr_final >= 0 && train.lr_final <= 1, "train.lr_final", train.lr_final,
          "a share from 0 to 1");
  at_least<int64_t>("train.checkpoint_every", train.checkpoint_every, 0);
  at_least("train.checkpoint_minutes", train.checkpoint_minutes, 0.0);
  at_least<int64_t>("train.eval_every", train.eval_every, 0);
  at_least<int64_t>("train.max_skipped", train.max_skipped, 1);
  require(train.lr > 0, "train.lr", train.lr, "more than 0");
  at_least("train.weight_decay", train.weight_decay, 0.0);
  require(train.beta1 >= 0 && train.beta1 < 1, "train.beta1", train.beta1, "a number in [0, 1)");
  require(train.beta2 >= 0 && train.beta2 < 1, "train.beta2", train.beta2, "a number in [0, 1)");
  require(train.eps > 0, "train.eps", train.eps, "more than 0");
  at_least("train.clip", train.clip, 0.0);
  at_least("train.anchor", train.anchor, 0.0);
  if (train.eval_every > 0 && !prompts.train.empty())
    given("prompts.held_out", prompts.held_out, "a prompt file, since train.eval_every is set");
}

}  // namespace

std::vector<RewardTermConfig> RunConfig::terms() const {
  std::vector<RewardTermConfig> all = rewards;
  if (all.empty()) all.emplace_back();
  for (RewardTermConfig& term : all)
    if (term.name.empty()) term.name = term.kind;
  return all;
}

bool RunConfig::asks_questions() const {
  const auto asks = [](const RewardTermConfig& term) { return term.kind == "vlm"; };
  return rewards.empty() || std::any_of(rewards.begin(), rewards.end(), asks);
}

void RunConfig::validate(const std::vector<std::string>& policies) const {
  at_least<int64_t>("seed", seed, 0);
  given("generator.path", generator.path, "a checkpoint folder");
  one_of("generator.dtype", generator.dtype, kDtypes);
  within("generator.text_length", generator.text_length, 1, 100'000);
  validate_rewards(*this);
  const bool reads_text = std::any_of(rewards.begin(), rewards.end(),
                                      [](const RewardTermConfig& term) { return term.kind != "residual"; });
  if (asks_questions()) given("critic.path", critic.path, "a checkpoint folder");
  one_of("critic.dtype", critic.dtype, kDtypes);
  within("critic.frames", critic.frames, 1, 100'000);
  within("critic.max_pixels", critic.max_pixels, 0, int64_t{1} << 32);
  if (reads_text || rewards.empty()) given("prompts.train", prompts.train, "a prompt file");
  if (!questions.file.empty() && !questions.dense) {
    fail(ErrorKind::kConfig,
         "questions.dense is false, but questions.file says what is asked; leave one of them out");
  }
  if (!questions.file.empty() && !questions.templates.empty()) {
    fail(ErrorKind::kConfig,
         "questions.file and questions.templates are both set, wanted one: templates are read only to "
         "make questions that no file gives");
  }
  if (reward.end_token && !questions.dense) {
    fail(ErrorKind::kConfig,
         "reward.end_token is true, but questions.dense = false leaves no free-text answer that ends; leave "
         "one of them out");
  }
  validate_sampling(sampling);
  validate_flow(flow, sampling, policies);
  validate_rule(*this);
  validate_lora(lora);
  validate_reward(reward);
  validate_train(train, prompts);
  one_of("memory.park", memory.park, {"auto", "on", "off"});
  require(parse_byte_size(memory.text_states).has_value(), "memory.text_states",
          "\"" + memory.text_states + "\"", "a size such as 4GiB or 500MB");
  require(memory.decoder == "auto" || parse_byte_size(memory.decoder), "memory.decoder",
          "\"" + memory.decoder + "\"", "auto, or a size such as 2GiB");
  if (memory.decoder != "auto" && flow.recompute != "block" && flow.recompute != "auto") {
    fail(ErrorKind::kConfig, "memory.decoder is \"", memory.decoder,
         "\", but only flow.recompute = \"block\" reads it, "
         "which is \"",
         flow.recompute, "\"; leave one of them out");
  }
  at_least<int64_t>("eval.prompts", eval.prompts, 0);
  within("eval.seeds", eval.seeds, 1, 1'000'000);
  given("output.dir", output.dir, "a folder");
  at_least<int64_t>("output.keep", output.keep, 0);
}

RunConfig load_config(const std::filesystem::path& file, const std::vector<std::string>& sets,
                      const std::vector<std::string>& policies) {
  RunConfig config;
  config.rewards.resize(static_cast<size_t>(count_sections(file, "rewards")));
  const auto fields = fields_of(config);
  auto keys = read_config_file(file, fields);
  for (const std::string& set : sets) keys.push_back(override_field(set, fields));
  config.given_keys = {keys.begin(), keys.end()};
  if (!config.given_keys.count("flow.K")) {
    if (config.flow.policy == "list" && !config.flow.steps.empty())
      config.flow.K = static_cast<int64_t>(config.flow.steps.size());
    if (config.flow.policy == "low_variance") config.flow.K = 1;
  }
  try {
    config.validate(policies);
  } catch (const Error& e) {
    fail(e.kind(), file, sets.empty() ? ": " : " with --set: ", e.what());
  }
  return config;
}

at::ScalarType scalar_type(const std::string& dtype, const std::string& key) {
  one_of(key.c_str(), dtype, kDtypes);
  if (dtype == "float64") return at::kDouble;
  if (dtype == "float32") return at::kFloat;
  return dtype == "bfloat16" ? at::kBFloat16 : at::kHalf;
}

}  // namespace drf::train
