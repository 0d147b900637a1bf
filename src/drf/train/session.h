#pragma once
// Everything a run works with, opened from its configuration: models, critic, prompts with their questions,
// adapters and the flow. Training, evaluation, the gradient command and the demo start from here.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "drf/base/random.h"
#include "drf/critic/critic.h"
#include "drf/flow/batch.h"
#include "drf/models/denoiser.h"
#include "drf/rewards/vlm_reward.h"
#include "drf/tensor/memory_meter.h"
#include "drf/train/adapters.h"
#include "drf/train/config.h"
#include "drf/train/engine.h"
#include "drf/train/text_states.h"

namespace drf::train {

/// Prompts of one file and, for each, its questions (none empty).
struct PromptSet {
  std::vector<std::string> prompts;
  std::vector<critic::QuestionList> questions;
};

/// All questions of a set as a question file's text.
std::string questions_text(const PromptSet& set);

/// The step policies there are: what configurations may name.
const std::vector<std::string>& known_policies();

class Session;

struct SessionOptions {
  at::Device device = at::kCPU;
  std::string dtype;  ///< overrides the dtype of all models when not empty
  /// The prompts to prepare_texts() before the critic is read, so that it and the text encoder are never in
  /// memory together. Called when configuration and prompt sets are there. Not set: none.
  std::function<std::vector<std::string>(const Session&)> texts;
  /// Where a file may lie while the session lives (memory.text_states); empty = where temporary files do.
  std::filesystem::path folder{};
};

class Session {
 public:
  /// Opens and checks everything before any long work (to which options.texts belongs). `trained_files`:
  /// adapters to load, one file a network, or the folder of weights (none: what the config says). Memory
  /// settings that it leaves to the planner are decided for the device's free memory (plan.h). Throws Error
  /// of kind kConfig or kInput.
  Session(const RunConfig& config, const SessionOptions& options, const AdapterFiles& trained_files = {});

  const RunConfig& config() const { return config_; }
  const PromptSet& train_set() const { return train_; }
  /// Throws Error(kConfig) if the configuration names no held-out prompts.
  const PromptSet& held_out_set() const;
  models::Denoiser& denoiser() { return *generator_.denoiser; }
  bool has_decoder() const { return generator_.decoder != nullptr; }
  models::Decoder& decoder() { return *generator_.decoder; }  ///< where there is one
  critic::Critic& critic() { return *critic_; }               ///< where config().asks_questions()
  const nn::TrainableSet& trained() const { return trained_; }
  /// What the reward of the questions is made of besides critic().
  rewards::Questions questions() const;
  rewards::VlmOptions vlm_options() const;
  const flow::Parts& parts() const { return engine_->parts(); }
  objectives::Objective& objective() { return engine_->objective(); }
  /// Tensor memory of this session's device since before the models were read.
  MemoryMeter& meter() { return meter_; }
  at::Device device() const { return device_; }
  /// Encodes `prompts`, and the negative one where guidance uses it, and frees the text encoder
  /// (text_states.h): before long work that needs no others. Throws Interrupted.
  void prepare_texts(std::vector<std::string> prompts);
  /// One clip a (prompt, draw) pair of train_set() or held_out_set(), for batch `micro` of update `update`.
  flow::Batch batch(const PromptSet& set, const std::vector<std::pair<int64_t, int64_t>>& clips,
                    Purpose purpose, int64_t update = 0, int64_t micro = 0);

  const std::vector<int64_t>& latent_shape() const { return latent_shape_; }  ///< {C, T, H, W} of a clip

 private:
  RunConfig config_;
  at::Device device_;
  MemoryMeter meter_;
  models::Generator generator_;
  nn::TrainableSet trained_;  // of generator_
  std::unique_ptr<critic::Critic> critic_;
  std::vector<std::unique_ptr<rewards::Reward>> rewards_;
  std::unique_ptr<Engine> engine_;
  PromptSet train_, held_out_;
  std::vector<int64_t> latent_shape_;
  std::unique_ptr<TextStates> texts_;
  void say_what_is_cut();  // with the first input: whatever refuses a run has spoken before
  bool said_what_is_cut_ = false;
};

/// Training prompt `index`. Throws Error(kConfig) that speaks of --prompt if there is none.
const std::string& require_prompt(const Session& session, int64_t index);

}  // namespace drf::train
