// What no file and no model is needed to know about a configuration: ranges, names, and settings that
// contradict one another or that nothing would read.
#include <algorithm>
#include <utility>

#include "drf/base/byte_size.h"
#include "drf/base/error.h"
#include "drf/rewards/reward_kinds.h"
#include "drf/run/config.h"
#include "drf/run/config_require.h"
#include "drf/run/flow_rules.h"
#include "drf/run/robust_rules.h"

namespace drf::run {
namespace {

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
  require(sampling.guidance_2 == 0 || (sampling.guidance_2 >= 1 && sampling.guidance_2 <= 1000),
          "sampling.guidance_2", sampling.guidance_2,
          "0 (as sampling.guidance), 1 (off) or more, and 1000 at most");
  if (sampling.guidance == 1 && sampling.guidance_2 > 1) {
    fail(ErrorKind::kConfig, "sampling.guidance_2 is ", sampling.guidance_2,
         ", but with sampling.guidance = 1 diffusers never guides; raise the first, or leave the second out");
  }
  if (sampling.guidance == 1 && !sampling.negative.empty()) {
    fail(ErrorKind::kConfig,
         "sampling.negative is set, but sampling.guidance = 1 never reads it; raise the guidance or "
         "leave the negative prompt out");
  }
}

// Full weights have no adapters to be told about.
void validate_trained(RunConfig c) {
  one_of("train.weights", c.train.weights, {"lora", "full"});
  require(c.train.ema >= 0 && c.train.ema < 1, "train.ema", c.train.ema, "a decay in [0, 1), 0 = no average");
  if (c.train.weights == "lora") return;
  RunConfig defaults;
  defaults.rewards.resize(c.rewards.size());
  const auto unset = fields_of(defaults), set = fields_of(c);
  for (size_t i = 0; i < set.size(); ++i) {
    const std::string& key = set[i].key;
    const bool of_adapters =
        key.rfind("lora.", 0) == 0 || key == "output.comfyui" || key == "train.adapter_norm";
    if (of_adapters && config_to_toml({set[i]}) != config_to_toml({unset[i]})) {
      fail(ErrorKind::kConfig, key,
           " is set, but train.weights = \"full\" trains no adapters; leave it out, ", "or train.weights");
    }
  }
}

void validate_lora(const LoraConfig& lora) {
  within("lora.rank", lora.rank, 1, 65'536);
  require(lora.alpha > 0, "lora.alpha", lora.alpha, "more than 0");
  one_of("lora.steps", lora.steps, {"all", "trained"});
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
  if (reward.odds && reward.focus)
    fail(ErrorKind::kConfig,
         "reward.focus and reward.odds are both true, and undo one another; leave one out");
  at_least("reward.out_of_range", reward.out_of_range, 0.0);
}

void validate_surrogate(const RewardTermConfig& term, const std::string& at) {
  given((at + "teacher").c_str(), term.teacher, "the name of another reward of the list");
  if (term.judge) {
    fail(ErrorKind::kConfig, at,
         "judge is set, but a surrogate learns in order to be trained on; leave it out, or make its teacher "
         "the "
         "judge and train on another reward");
  }
  within((at + "start_clips").c_str(), term.start_clips, 20, 10'000'000);
  require(term.start_clips % 4 == 0, (at + "start_clips").c_str(), term.start_clips,
          "a multiple of 4: the clips of a prompt");
  within((at + "start_steps").c_str(), term.start_steps, 0, 1'000'000'000);
  require(term.start_accuracy >= 0 && term.start_accuracy <= 1, (at + "start_accuracy").c_str(),
          term.start_accuracy, "a share from 0 to 1");
  within((at + "learn_every").c_str(), term.learn_every, 1, 1'000'000'000);
  within((at + "learn_steps").c_str(), term.learn_steps, 1, 1'000'000);
  within((at + "buffer").c_str(), term.buffer, 2, 10'000'000);
  if (term.buffer < term.start_clips) {
    fail(ErrorKind::kConfig, at, "buffer is ", term.buffer, ", wanted at least start_clips, which is ",
         term.start_clips);
  }
}

// What the kind of a reward never reads must be left out.
void validate_term(RewardTermConfig term, const std::string& at) {
  one_of((at + "kind").c_str(), term.kind, rewards::reward_kind_names());
  const rewards::RewardKind& kind = rewards::reward_kind(term.kind);
  RewardTermConfig defaults;
  const auto fields = fields_of(term), unset = fields_of(defaults);
  for (size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    if (field.key == "kind" || field.key == "name" || field.key == "weight" || field.key == "judge") continue;
    if (!term.reads(field.key) && config_to_toml({field}) != config_to_toml({unset[i]})) {
      if (kind.reads(field.key)) {
        fail(ErrorKind::kConfig, at, field.key, " is set, but a reward of kind \"", term.kind,
             "\" without a path asks [critic], which has its own; leave it out, or set ", at, "path");
      }
      fail(ErrorKind::kConfig, at, field.key, " is set, but a reward of kind \"", term.kind,
           "\" never reads it; leave it out");
    }
  }
  if (term.judge && term.weight != 1)
    fail(ErrorKind::kConfig, at, "weight is set, but a judge is never trained on; leave one of them out");
  if (kind.reads("path") && !kind.asks_questions) given((at + "path").c_str(), term.path, "a model's folder");
  if (kind.reads("equation")) given((at + "equation").c_str(), term.equation, "what fields.json says");
  one_of((at + "dtype").c_str(), term.dtype, kDtypes);
  one_of((at + "scale").c_str(), term.scale, {"logit", "cosine"});
  one_of((at + "fit").c_str(), term.fit, {"crop", "pad"});
  within((at + "frames").c_str(), term.frames, 1, 100'000);
  if (kind.reads("teacher")) validate_surrogate(term, at);
}

// The teacher of rewards.i is one of the list that can be asked for values.
void validate_teacher(const std::vector<RewardTermConfig>& terms, size_t i) {
  const std::string at = concat("rewards.", i, ".");
  std::vector<std::string> others;
  const RewardTermConfig* teacher = nullptr;
  for (const RewardTermConfig& term : terms) {
    if (!rewards::reward_kind(term.kind).reads("teacher")) others.push_back(term.name);
    if (term.name == terms[i].teacher) teacher = &term;
  }
  const std::string is = at + "teacher is \"" + terms[i].teacher + "\", ";
  if (!teacher) {
    fail(ErrorKind::kConfig, is, "but no reward has this name; wanted one of ", others,
         " (a reward without a name is called as its kind)");
  }
  if (rewards::reward_kind(teacher->kind).reads("teacher"))
    fail(ErrorKind::kConfig, is, "which learns itself; wanted one of ", others);
  if (teacher->judge) {
    fail(ErrorKind::kConfig, is,
         "which is a judge: it watches what is learnt and must not teach it; leave judge out, or name "
         "another");
  }
  if (teacher->weight != 1) {
    fail(ErrorKind::kConfig, is,
         "whose weight is set, but a teacher gives no gradient itself; leave it out, or "
         "set ",
         at, "weight");
  }
}

void validate_rewards(const RunConfig& c) {
  std::set<std::string> names;
  bool trains = false, asks_critic = false, trains_on_frames = false;
  const std::vector<RewardTermConfig> terms = c.terms();
  for (size_t i = 0; i < terms.size(); ++i) {
    const std::string at = concat("rewards.", i, ".");
    validate_term(terms[i], at);
    if (!names.insert(terms[i].name).second) {
      fail(ErrorKind::kConfig, at, "name is \"", terms[i].name,
           "\", which another reward has; give them names of their own");
    }
    const rewards::RewardKind& kind = rewards::reward_kind(terms[i].kind);
    if (terms[i].asks_critic() && std::exchange(asks_critic, true)) {
      fail(ErrorKind::kConfig, at, "kind is \"", kind.name,
           "\" a second time, but there is one [critic]; leave one of them out, or set ", at,
           "path to a critic of its own");
    }
    for (const char* taken : {"trained", "held_out", "paraphrases"}) {
      if (kind.asks_questions && !terms[i].asks_critic() && terms[i].name == taken) {
        fail(ErrorKind::kConfig, at, "name is \"", taken, "\", but p_right/", taken,
             " is another measure than what this critic answers; call it otherwise");
      }
    }
    const bool has_gradient = !terms[i].judge && !c.teaches(terms[i].name);
    trains = trains || (has_gradient && terms[i].weight != 0);
    trains_on_frames = trains_on_frames || (has_gradient && kind.sees_frames);
  }
  for (size_t i = 0; i < terms.size(); ++i) {
    if (!rewards::reward_kind(terms[i].kind).reads("teacher")) continue;
    validate_teacher(terms, i);
    if (!c.sampling.noise.empty()) {
      fail(ErrorKind::kConfig, "sampling.noise is set, but ", terms[i].name,
           " learns from clips of a prompt that differ, and all would start from one noise; leave it out");
    }
  }
  if (!trains) {
    fail(ErrorKind::kConfig,
         "rewards: all weights are 0 or all are judges, wanted one to train on: nothing would be learnt");
  }
  if (!trains_on_frames && c.reward.out_of_range != 0) {
    fail(ErrorKind::kConfig, "reward.out_of_range is ", c.reward.out_of_range,
         ", but no reward that trains sees pixels; leave it out");
  }
  if (asks_critic) return;
  std::vector<std::string> unread = {"critic."};
  if (!c.asks_questions()) unread.insert(unread.end(), {"questions.", "writer.", "reward."});
  RunConfig set = c, defaults;
  defaults.rewards.resize(c.rewards.size());
  const auto fields = fields_of(set), unset = fields_of(defaults);
  for (size_t i = 0; i < fields.size(); ++i) {
    const std::string& key = fields[i].key;
    if (key == "reward.out_of_range" || config_to_toml({fields[i]}) == config_to_toml({unset[i]})) continue;
    for (const std::string& section : unread) {
      if (key.rfind(section, 0) != 0) continue;
      if (c.asks_questions()) {
        fail(ErrorKind::kConfig, key,
             " is set, but every reward of kind \"vlm\" has a critic of its own, by its path; leave it out, "
             "or one of the paths");
      }
      fail(ErrorKind::kConfig, key,
           " is set, but no reward of kind \"vlm\" reads it; leave it out, or add [[rewards]] with "
           "kind = \"vlm\"");
    }
  }
  if (c.questions.source == "critic") {
    fail(ErrorKind::kConfig,
         "questions.source is \"critic\", but there is no [critic] to write them: every reward of kind "
         "\"vlm\" has a critic of its own, by its path; leave it out, or one of the paths");
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
  at_least("train.adapter_norm", train.adapter_norm, 0.0);
  if (train.eval_every > 0 && !prompts.train.empty())
    given("prompts.held_out", prompts.held_out, "a prompt file, since train.eval_every is set");
}

// A run can only end early by validations that there are, and that are enough to show a trend.
void validate_early_stop(const RunConfig& c) {
  constexpr int64_t kFewest = 5;  // 5! = 120 orders, as trend_guard.h counts: fewer never show one
  if (!c.train.early_stop) return;
  const auto refuse = [](const auto&... why) {
    fail(ErrorKind::kConfig, "train.early_stop is true, but ", why..., ", or leave it out");
  };
  if (c.train.eval_every == 0)
    refuse("train.eval_every is 0, and only validations show what falls: set it, with prompts.held_out");
  if (c.train.updates / c.train.eval_every < kFewest) {
    refuse("train.updates = ", c.train.updates, " and train.eval_every = ", c.train.eval_every, " make ",
           c.train.updates / c.train.eval_every, " validations, and no trend shows in fewer than ", kFewest,
           ": validate more often");
  }
}

// Who writes the questions, and what only some who write them read.
void validate_source(const QuestionsConfig& questions, const WriterConfig& writer) {
  one_of("questions.source", questions.source, {"templates", "critic", "endpoint"});
  require(questions.held_out >= 0 && questions.held_out < 1, "questions.held_out", questions.held_out,
          "a share from 0 to less than 1");
  within("writer.parallel", writer.parallel, 1, 256);
  within("writer.requests_per_minute", writer.requests_per_minute, 0, 1'000'000);
  if (!questions.file.empty() && questions.source != "templates") {
    fail(ErrorKind::kConfig, "questions.source is \"", questions.source,
         "\", but questions.file says what is asked; leave one of them out");
  }
  const WriterConfig unset;
  const auto refuse = [&](bool set, const char* key, const char* reader) {
    if (!set) return;
    fail(ErrorKind::kConfig, key, " is set, but only questions.source = ", reader, " reads it, which is \"",
         questions.source, "\"; leave it out");
  };
  if (questions.source != "endpoint") {
    refuse(!writer.url.empty(), "writer.url", "\"endpoint\"");
    refuse(!writer.model.empty(), "writer.model", "\"endpoint\"");
    refuse(!writer.key_env.empty(), "writer.key_env", "\"endpoint\"");
    refuse(writer.parallel != unset.parallel, "writer.parallel", "\"endpoint\"");
    refuse(writer.requests_per_minute > 0, "writer.requests_per_minute", "\"endpoint\"");
  } else {
    given("writer.url", writer.url, "the server's address, since questions.source is \"endpoint\"");
    // Before it is kept in the run's folder, and not shown.
    if (writer.url.find('@') != std::string::npos)
      fail(ErrorKind::kConfig,
           "writer.url holds a user or a password; leave them out and name the key's variable by "
           "writer.key_env");
    given("writer.model", writer.model, "the model's name on the server");
  }
  if (questions.source == "templates") {
    const char* const writers = "\"critic\" or \"endpoint\"";
    refuse(!writer.instructions.empty(), "writer.instructions", writers);
    refuse(questions.paraphrases, "questions.paraphrases", writers);
    refuse(questions.held_out != 0, "questions.held_out", writers);
  }
}

}  // namespace

void RunConfig::validate(const std::vector<std::string>& policies) const {
  at_least<int64_t>("seed", seed, 0);
  given("generator.path", generator.path, "a checkpoint folder");
  one_of("generator.dtype", generator.dtype, kDtypes);
  within("generator.text_length", generator.text_length, 1, 100'000);
  validate_rewards(*this);
  const bool reads_text = std::any_of(rewards.begin(), rewards.end(), [](const auto& term) {
    return rewards::reward_kind(term.kind).reads_prompts;
  });
  if (asks_critic()) given("critic.path", critic.path, "a checkpoint folder");
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
  validate_source(questions, writer);
  validate_sampling(sampling);
  validate_flow(*this, policies);
  validate_robust(*this);
  validate_trained(*this);
  validate_lora(lora);
  validate_reward(reward);
  validate_train(train, prompts);
  validate_early_stop(*this);
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

at::ScalarType scalar_type(const std::string& dtype, const std::string& key) {
  one_of(key.c_str(), dtype, kDtypes);
  if (dtype == "float64") return at::kDouble;
  if (dtype == "float32") return at::kFloat;
  return dtype == "bfloat16" ? at::kBFloat16 : at::kHalf;
}

}  // namespace drf::run
