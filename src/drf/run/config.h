#pragma once
// The configuration of a run: every key of a recipe (configs/*.toml), its default and its meaning, declared
// once. Paths are relative to the folder drf is started in, not to the file.

#include <c10/core/ScalarType.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "drf/base/config_fields.h"

namespace drf::run {

struct GeneratorConfig {
  std::string path, dtype = "bfloat16";
  int64_t text_length = 512;
  void fields(FieldVisitor& v);
};

struct CriticConfig {
  std::string path, dtype = "bfloat16";
  int64_t frames = 16;
  int64_t max_pixels = 0;
  void fields(FieldVisitor& v);
};

struct PromptsConfig {
  std::string train, held_out;
  void fields(FieldVisitor& v);
};

struct QuestionsConfig {
  std::string file, source = "templates", templates;
  bool dense = true;
  bool paraphrases = false;
  double held_out = 0;
  /// Whether a language model writes them when a run begins.
  bool written() const { return file.empty() && source != "templates"; }
  void fields(FieldVisitor& v);
};

struct WriterConfig {
  std::string url, model, key_env, instructions;
  int64_t parallel = 4, requests_per_minute = 0;
  void fields(FieldVisitor& v);
};

struct SamplingConfig {
  int64_t frames = 81, width = 832, height = 480;
  double fps = 16;
  int64_t steps = 30;  ///< N of method.md
  double shift = 3.0, guidance = 5.0, guidance_2 = 0;
  std::string schedule = "flow", negative, noise;
  void fields(FieldVisitor& v);
};

struct FlowConfig {
  std::string rule = "adjoint", policy = "last";
  int64_t K = 2, K_min = 0;
  std::vector<int64_t> steps;
  int64_t window = 0;
  double bias = 1, rescale = 0;
  int64_t seed = -1, draws = 2;
  double nested = 1;
  std::string nested_at = "all";
  bool leap = false;
  bool detach_input = false;  ///< what older files call nested = 0; nothing else reads it once they are read
  int64_t reuse = 1, rollouts = 0;
  std::string cfg_grad = "both", cfg_batch = "auto", recompute = "auto";
  int64_t decode_chunk = 0, decode_stripes = 0;
  void fields(FieldVisitor& v);
  /// Says it as nested. Returns whether it was set.
  bool take_detach_input();
};

struct MatchingConfig {
  double beta = 1.0, quantile = 0.9;
  int64_t steps = 0;
  std::string branches = "each", eta = "linear";
  double trust = 0.0;
  void fields(FieldVisitor& v);
};

struct PolicyGradientConfig {
  int64_t group = 24;
  double noise = 0.7, clip = 1e-4, kl = 0.04;
  void fields(FieldVisitor& v);
};

struct RobustConfig {
  int64_t frames = 0;
  double resolution = 0, questions = 0, pixels = 0, adapters = 0;
  void fields(FieldVisitor& v);
};

struct LoraConfig {
  int64_t rank = 32;
  double alpha = 32;
  std::vector<std::string> targets = {"to_q", "to_k", "to_v", "to_out.0", "ffn.net.0.proj", "ffn.net.2"};
  std::string init_from, init_from_2;
  std::string steps = "all";
  void fields(FieldVisitor& v);
};

struct RewardConfig {
  std::map<std::string, double> weights = {{"TA", 1.0}, {"PF", 1.0}, {"VQ", 1.0}};
  bool focus = false, odds = false;
  double margin = 1.0;
  bool end_token = false;
  double out_of_range = 0.0;
  void fields(FieldVisitor& v);
};

constexpr int64_t kMostRewards = 64;  ///< docs/security.md

/// One of [[rewards]].
struct RewardTermConfig {
  std::string kind = "vlm", name;  ///< the name is the kind's where there is none
  double weight = 1;
  bool judge = false;
  std::string path, dtype = "float32";  ///< clip, and vlm with a critic of its own; frames too
  int64_t frames = 4;
  std::string scale = "logit", fit = "crop";  ///< clip
  std::string equation;                       ///< residual
  std::string teacher;  ///< surrogate: the name of a reward of the list; what follows too
  int64_t start_clips = 800, start_steps = 2000;
  double start_accuracy = 0.7;
  int64_t learn_every = 4, learn_steps = 4, buffer = 2048;
  bool learns() const { return !teacher.empty(); }
  bool asks_questions() const;
  /// Whether it asks them of [critic]: it has no critic of its own.
  bool asks_critic() const { return asks_questions() && path.empty(); }
  /// Whether anything reads this key of it.
  bool reads(const std::string& key) const;
  void fields(FieldVisitor& v);
};

struct TrainConfig {
  std::string weights = "lora";
  int64_t updates = 1000, batch = 1, accumulate = 1;
  double lr = 1e-4;
  int64_t warmup = 10;
  double lr_final = 1.0;
  double weight_decay = 0, beta1 = 0.9, beta2 = 0.999, eps = 1e-8, clip = 1.0, anchor = 0.0;
  double adapter_norm = 0.0, ema = 0.0;
  int64_t checkpoint_every = 100;
  double checkpoint_minutes = 30;
  int64_t eval_every = 0;
  bool early_stop = false;
  int64_t max_skipped = 5;
  void fields(FieldVisitor& v);
};

struct MemoryConfig {
  std::string park = "auto", text_states = "4GiB", decoder = "auto";
  bool park_early =
      false;  ///< not a setting: with park = "on", whether there is room to begin the way back early
  void fields(FieldVisitor& v);
};

struct EvalConfig {
  int64_t prompts = 0, seeds = 1;
  void fields(FieldVisitor& v);
};

struct OutputConfig {
  std::string dir = "runs/first";
  bool comfyui = false;
  int64_t keep = 0;
  void fields(FieldVisitor& v);
};

struct RunConfig {
  int64_t seed = 0;
  GeneratorConfig generator;
  CriticConfig critic;
  PromptsConfig prompts;
  QuestionsConfig questions;
  WriterConfig writer;
  SamplingConfig sampling;
  FlowConfig flow;
  MatchingConfig matching;
  PolicyGradientConfig policy_gradient;
  LoraConfig lora;
  RewardConfig reward;
  std::vector<RewardTermConfig> rewards;  ///< none: the questions' reward alone, see terms()
  RobustConfig robust;
  TrainConfig train;
  MemoryConfig memory;
  EvalConfig eval;
  OutputConfig output;
  std::set<std::string> given_keys;  ///< not a setting: the keys that the file or --set named

  /// `rewards` with a name each, or the questions' reward where there are none.
  std::vector<RewardTermConfig> terms() const;
  /// Whether a reward that learns names this one as its teacher: then it trains nothing itself.
  bool teaches(const std::string& name) const;
  /// Clips of a prompt that lie side by side in the updates.
  int64_t group() const { return flow.rule == "policy_gradient" ? policy_gradient.group : 1; }
  bool asks_questions() const;  ///< whether one of them does
  bool asks_critic() const;     ///< and of [critic]
  /// Where asks_questions(): which of terms() has the critic that is asked what is never trained on, and
  /// whose facts have bare names: that of [critic], else the first there is.
  size_t main_critic() const;
  /// What the facts of terms()[term] are told apart by: nothing of main_critic(), else its name.
  std::string name_of_critic(size_t term) const;
  /// Of the rewards' networks: [critic]'s, else the first that has one; the generator's where none has.
  std::string reward_dtype() const;

  void fields(FieldVisitor& v);
  /// Checks every rule that needs no file and no model: ranges, names, and settings that contradict one
  /// another or that nothing would read. `policies` are the step policies the flow implements. Throws
  /// Error(kConfig) naming the key, its value and what is wanted.
  void validate(const std::vector<std::string>& policies) const;
};

/// Defaults, then the file, then each `--set` in order, then validate(policies). An absent flow.K
/// becomes what the policy fixes: the number of steps listed ("list"), 1 ("low_variance"). Absent dtype and
/// frames of a reward's own critic become those of [critic]. Throws Error(kConfig).
RunConfig load_config(const std::filesystem::path& file, const std::vector<std::string>& sets,
                      const std::vector<std::string>& policies = {"last"});

/// "float64", "float32", "bfloat16" or "float16". Throws Error(kConfig) with `key` for another name.
at::ScalarType scalar_type(const std::string& dtype, const std::string& key);

}  // namespace drf::run
