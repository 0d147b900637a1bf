#include "drf/run/config.h"

#include <algorithm>

#include "drf/base/error.h"
#include "drf/rewards/reward_kinds.h"

namespace drf::run {

void GeneratorConfig::fields(FieldVisitor& v) {
  v("path", path,
    "folder of a Wan text-to-video checkpoint, or of a generator of fields, in diffusers' layout");
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
  v("file", file, "questions as JSON lines; made when a run begins if empty, and kept in its folder");
  v("source", source,
    "who writes them then: templates, critic (the run's own, as a language model) or endpoint (the server of "
    "[writer])");
  v("templates", templates, "file of question templates, empty = the built-in ones");
  v("dense", dense, "also ask open questions with free-text answers; false = yes/no questions only");
  v("paraphrases", paraphrases,
    "source critic or endpoint: also write each question in other words, for drf eval; never trained on");
  v("held_out", held_out,
    "source critic or endpoint: share of the facts that is never trained on, for drf eval");
}

void WriterConfig::fields(FieldVisitor& v) {
  v("url", url,
    "questions.source = endpoint: base address of a server that speaks OpenAI's chat completions");
  v("model", model, "the model's name on it");
  v("key_env", key_env, "name of the environment variable that holds its key; empty = it wants none");
  v("instructions", instructions,
    "folder of ta.txt, pf.txt and vq.txt that say what is asked for; empty = configs/writer");
  v("parallel", parallel, "requests in flight at the server");
  v("requests_per_minute", requests_per_minute, "requests begun at most, evenly; 0 = no limit");
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
  v("guidance_2", guidance_2,
    "the same where the second transformer of Wan 2.2 A14B computes; 0 = as sampling.guidance");
  v("negative", negative, "negative prompt");
  v("noise", noise, "safetensors file whose 'noise' replaces the seeded one (drf gradient)");
}

void FlowConfig::fields(FieldVisitor& v) {
  v("rule", rule,
    "adjoint (the exact gradient through the steps that train), matching (velocities regressed to the base "
    "model's, "
    "moved along the reward's gradient) or policy_gradient (Flow-GRPO: noisy steps made likelier where a "
    "clip "
    "is better than others of its prompt; no gradient of the reward)");
  v("policy", policy, "which steps carry gradient: last, random, uniform, list, low_variance or sparse");
  v("K", K, "how many steps carry gradient");
  v("K_min", K_min, "policy last: K is drawn anew at each update, from K_min to K; 0 = K itself");
  v("steps", steps, "policy list: the steps, 0 = the first (noisiest)");
  v("window", window, "policy random: it stops among the last so many steps; 0 = anywhere");
  v("bias", bias, "policy sparse: step i is drawn with a weight of (i + 1)^bias");
  v("rescale", rescale,
    "policy sparse: the reward's gradient is multiplied by (sigma's whole way / that of the drawn "
    "steps)^rescale, 0 to 1");
  v("seed", seed, "seed of what is drawn at each update, -1 = the run's");
  v("draws", draws,
    "policy low_variance: times the finished clip is noised again and its gradients averaged");
  v("nested", nested,
    "share of the gradient that reaches an earlier state through a later velocity: 1 = exact, 0 = velocities "
    "see their state without gradient (DRTune), cheaper");
  v("nested_at", nested_at,
    "where that share passes: all steps, or one that is drawn at each update, 0 elsewhere");
  v("leap", leap,
    "the two steps that train leap, to the second and to the clip, with the values of the whole rollout "
    "(LeapAlign)");
  v("detach_input", detach_input, "true = nested = 0, the name it had before");
  v("reuse", reuse,
    "updates that one rollout serves: those after the first noise its clip again instead of rolling out; 1 = "
    "exact. Rule policy_gradient: passes over its steps; matching: over its states, with the gradient that "
    "it "
    "had");
  v("rollouts", rollouts,
    "with lora.steps = \"trained\": different rollouts of the run; updates after so many begin at a state of "
    "an earlier one, kept in memory, in a new order each time round; 0 = each update rolls out");
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

bool FlowConfig::take_detach_input() {
  if (!detach_input) return false;
  nested = 0;
  detach_input = false;
  return true;
}

void MatchingConfig::fields(FieldVisitor& v) {
  v("beta", beta, "how far velocities are moved along the reward's gradient");
  v("quantile", quantile,
    "the gradient's norm is clipped at this quantile of a clip's recent norms, 1 = never");
  v("steps", steps, "steps matched at an update, drawn at random; 0 = all");
  v("branches", branches,
    "with guidance: each (every branch to its own base model's velocity) or guided (their guided sum, the "
    "unconditional one without gradient, as the paper: one backward less, but what cancels in the sum "
    "drifts)");
  v("eta", eta,
    "how the pull along the reward's gradient fades with noise: linear (1 - sigma), quad (its square) or "
    "constant");
  v("trust", trust,
    "with flow.reuse above 1: weight of the pull to the velocities that the rollout was made with; 0 = none");
}

void RobustConfig::fields(FieldVisitor& v) {
  v("frames", frames,
    "rewards are shown each clip moved in time by up to so many frames, drawn anew at each update, its end "
    "standing still; 0 = as it is");
  v("resolution", resolution,
    "rewards are shown clips at a share of their resolution, drawn anew at each update from 1 - this to 1; 0 "
    "= all "
    "of it");
  v("questions", questions,
    "share of the questions that count nothing, drawn anew at each update, at least one an aspect stays; 0 = "
    "all "
    "count");
  v("pixels", pixels,
    "the reward's gradient is taken where pixel values are moved so far, in the root of the mean square, to "
    "where the "
    "reward is lower: 0.004 is one of 255 levels; the critic works twice; 0 = where they are");
  v("adapters", adapters,
    "an update's gradient is taken where all that is trained is moved so far, in the norm, to where the loss "
    "is higher "
    "(sharpness-aware minimisation): an update takes twice as long; 0 = where it is");
}

void PolicyGradientConfig::fields(FieldVisitor& v) {
  v("group", group,
    "clips of a prompt, compared with one another; it divides train.batch x train.accumulate");
  v("noise", noise, "how much noise steps add, in units of sqrt(sigma / (1 - sigma))");
  v("clip", clip, "with flow.reuse above 1: a step's ratio of densities gains nothing beyond 1 +- this");
  v("kl", kl,
    "weight of the pull to the base model, the divergence of a step from the base model's; 0 = none");
}

void LoraConfig::fields(FieldVisitor& v) {
  v("rank", rank, "rank of the adapters");
  v("alpha", alpha, "an adapter's output is scaled by alpha / rank");
  v("targets", targets, "linear layers that get one, by the end of their name");
  v("init_from", init_from,
    "adapters to start from (safetensors of diffusers or ComfyUI), empty = fresh ones");
  v("init_from_2", init_from_2, "the same for the second transformer of Wan 2.2 A14B");
  v("steps", steps,
    "the steps of a rollout that they compute in: all, or trained (from the first that trains on; before it "
    "the model is the base, so nothing drifts there and the gradient leaves nothing out)");
}

void RewardConfig::fields(FieldVisitor& v) {
  v("weights", weights, "weight of each aspect: text alignment, physical fidelity, visual quality");
  v("focus", focus,
    "weigh a question's gradient by 1 - p, so that unmet ones get it; the rewards shown are without it");
  v("odds", odds,
    "climb log p - log(1 - p) of yes/no answers in place of log p, which gains by never being quite wrong, "
    "and so by gray for black or white; the rewards shown are log p");
  v("margin", margin, "an answer gains nothing beyond this probability, 1 = no limit");
  v("end_token", end_token, "dense answers: count the end token as well");
  v("out_of_range", out_of_range,
    "training: weight of a penalty on pixel values beyond [0, 1], the mean square of how far; 0 = none");
}

void RewardTermConfig::fields(FieldVisitor& v) {
  v("kind", kind,
    "vlm (the questions of [questions] and [reward], asked of [critic] or of a critic of its own), clip (a "
    "transformers CLIPModel folder: "
    "PickScore, "
    "HPSv2 in that form, plain CLIP), residual (fields: minus the mean square of an equation's residual) or "
    "surrogate (a small network on latents that learns while training to rank as another reward does)");
  v("name", name, "in metrics as reward/NAME; empty = the kind");
  v("weight", weight, "times the reward in the sum that is trained on");
  v("judge", judge,
    "scored where held-out prompts are, beside the reward that trains; never a gradient; says "
    "which checkpoint is the best");
  v("path", path,
    "clip: its folder. vlm: that of a critic of its own, as critic.path; empty = that of [critic], for one "
    "reward");
  v("dtype", dtype,
    "clip: float64, float32, bfloat16 or float16. vlm with a path: the same, critic.dtype if it is left out");
  v("frames", frames,
    "clip: frames that are scored, taken as the critic's are; the mean over them counts. vlm with a path: as "
    "critic.frames, which it is if it is left out");
  v("scale", scale, "clip: logit (exp(logit_scale) x cosine, as PickScore) or cosine");
  v("fit", fit, "clip: crop (the middle, as transformers) or pad (all of it on black, as HPSv2's own code)");
  v("equation", equation, "residual: poisson, helmholtz, darcy, burgers or kolmogorov, as fields.json says");
  v("teacher", teacher,
    "surrogate: the name of the reward it learns from, which then gives no gradient itself");
  v("start_clips", start_clips,
    "surrogate: clips of the base model that it learns from before the first update, four a prompt; a fifth "
    "is "
    "held out");
  v("start_steps", start_steps, "surrogate: steps on them, of 64 pairs each");
  v("start_accuracy", start_accuracy,
    "surrogate: share of held-out pairs that it must rank as its teacher does by then, or the run stops");
  v("learn_every", learn_every, "surrogate: updates between lessons: fresh clips scored by the teacher");
  v("learn_steps", learn_steps, "surrogate: steps of a lesson");
  v("buffer", buffer, "surrogate: newest clips that lessons draw from, float16 latents in the host's memory");
}

void TrainConfig::fields(FieldVisitor& v) {
  v("weights", weights,
    "what is trained: lora (the adapters of [lora]) or full (every weight of the generator, in float32; "
    "wants "
    "a smaller lr)");
  v("updates", updates, "optimiser updates");
  v("batch", batch,
    "prompts at a time; an update is made of batch x accumulate of them. Rule policy_gradient: clips");
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
  v("adapter_norm", adapter_norm,
    "weight of the pull of the adapters towards none: the sum over layers of the squared norm of "
    "(alpha / rank) B A; 0 = none");
  v("ema", ema,
    "decay of a running average of what is trained, which validations show and checkpoints hold beside it: "
    "0.99 averages about 100 updates; 0 = none");
  v("checkpoint_every", checkpoint_every, "updates between checkpoints, 0 = none but the last");
  v("checkpoint_minutes", checkpoint_minutes,
    "minutes after which the next finished update is saved as well, 0 = never");
  v("eval_every", eval_every, "updates between evaluations on held-out prompts, 0 = none");
  v("early_stop", early_stop,
    "end the run, with checkpoints/best as the one to take, where validations show that the training reward "
    "rises while what checkpoints/best is the best of falls: the judges, or without one the held-out "
    "questions, or the held-out reward");
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
  v.section("writer", writer);
  v.section("sampling", sampling);
  v.section("flow", flow);
  v.section("matching", matching);
  v.section("policy_gradient", policy_gradient);
  v.section("lora", lora);
  v.section("reward", reward);
  v.sections("rewards", rewards);
  v.section("robust", robust);
  v.section("train", train);
  v.section("memory", memory);
  v.section("eval", eval);
  v.section("output", output);
}

std::vector<RewardTermConfig> RunConfig::terms() const {
  std::vector<RewardTermConfig> all = rewards;
  if (all.empty()) all.emplace_back();
  for (RewardTermConfig& term : all)
    if (term.name.empty()) term.name = term.kind;
  return all;
}

bool RunConfig::teaches(const std::string& name) const {
  return std::any_of(rewards.begin(), rewards.end(),
                     [&](const RewardTermConfig& term) { return term.teacher == name && !name.empty(); });
}

bool RewardTermConfig::asks_questions() const { return rewards::reward_kind(kind).asks_questions; }

bool RewardTermConfig::reads(const std::string& key) const {
  return rewards::reward_kind(kind).reads(key) && (key == "path" || !asks_critic());
}

bool RunConfig::asks_questions() const {
  const auto asks = [](const RewardTermConfig& term) { return term.asks_questions(); };
  return rewards.empty() || std::any_of(rewards.begin(), rewards.end(), asks);
}

bool RunConfig::asks_critic() const {
  const auto asks = [](const RewardTermConfig& term) { return term.asks_critic(); };
  return rewards.empty() || std::any_of(rewards.begin(), rewards.end(), asks);
}

std::string RunConfig::name_of_critic(size_t term) const {
  return asks_questions() && term == main_critic() ? "" : terms().at(term).name;
}

size_t RunConfig::main_critic() const {
  const std::vector<RewardTermConfig> all = terms();
  const bool of_critic = asks_critic();
  const auto main = std::find_if(all.begin(), all.end(), [&](const RewardTermConfig& term) {
    return of_critic ? term.asks_critic() : term.asks_questions();
  });
  DRF_CHECK(main != all.end(), "no reward asks questions");
  return static_cast<size_t>(main - all.begin());
}

std::string RunConfig::reward_dtype() const {
  if (asks_critic()) return critic.dtype;
  for (const RewardTermConfig& term : rewards)
    if (term.reads("dtype")) return term.dtype;
  return generator.dtype;
}

RunConfig load_config(const std::filesystem::path& file, const std::vector<std::string>& sets,
                      const std::vector<std::string>& policies) {
  RunConfig config;
  const int64_t rewards = count_sections(file, "rewards");
  if (rewards > kMostRewards)
    fail(ErrorKind::kConfig, file, ": has ", rewards, " [[rewards]], wanted at most ", kMostRewards);
  config.rewards.resize(static_cast<size_t>(rewards));
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
  config.flow.take_detach_input();
  for (size_t i = 0; i < config.rewards.size(); ++i) {
    RewardTermConfig& term = config.rewards[i];
    if (!term.asks_questions() || term.asks_critic()) continue;
    const std::string at = concat("rewards.", i, ".");
    if (!config.given_keys.count(at + "dtype")) term.dtype = config.critic.dtype;
    if (!config.given_keys.count(at + "frames")) term.frames = config.critic.frames;
  }
  return config;
}

}  // namespace drf::run
