#pragma once
// Everything a run works with, opened from its configuration: models, critic, prompts with their questions,
// adapters and the flow. Training, evaluation, the gradient command and the demo start from here.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "drf/base/random.h"
#include "drf/critic/critic.h"
#include "drf/flow/reward_flow.h"
#include "drf/models/generator.h"
#include "drf/tensor/memory_meter.h"
#include "drf/train/config.h"

namespace drf::train {

/// Prompts of one file and, for each, its questions (none empty).
struct PromptSet {
  std::vector<std::string> prompts;
  std::vector<critic::QuestionList> questions;
};

/// All questions of a set as a question file's text.
std::string questions_text(const PromptSet& set);

/// The step policies that the flow implements: what configurations may name.
const std::vector<std::string>& known_policies();

struct SessionOptions {
  at::Device device = at::kCPU;
  std::string dtype;  ///< overrides the dtype of all models when not empty
};

class Session {
 public:
  static constexpr int64_t kCachedTexts = 256;  ///< prompts whose text states are kept
  /// Opens and checks everything before any long work. `lora_file`: adapters to load instead of fresh ones
  /// ("" = what the config says). Memory settings that it leaves to the planner are decided for the device's
  /// free memory (plan.h). Throws Error of kind kConfig or kInput.
  Session(const RunConfig& config, const SessionOptions& options,
          const std::filesystem::path& lora_file = {});

  const RunConfig& config() const { return config_; }
  const PromptSet& train_set() const { return train_; }
  /// Throws Error(kConfig) if the configuration names no held-out prompts.
  const PromptSet& held_out_set() const;
  models::Generator& generator() { return *video_.generator; }
  models::Decoder& decoder() { return *video_.decoder; }
  critic::Critic& critic() { return *critic_; }
  flow::RewardFlow& flow() { return *flow_; }
  /// Tensor memory of this session's device since before the models were read.
  MemoryMeter& meter() { return meter_; }
  at::Device device() const { return device_; }
  /// The noise file of the configuration, or the seeded noise of (prompt, draw) for `purpose`.
  at::Tensor noise(int64_t prompt, int64_t draw, Purpose purpose) const;
  /// One clip a (prompt, draw) pair, for update `update` (from 0).
  flow::FlowInput input(const PromptSet& set, const std::vector<std::pair<int64_t, int64_t>>& clips,
                        Purpose purpose, int64_t update = 0);

  const std::vector<int64_t>& latent_shape() const { return latent_shape_; }  ///< {C, T, H, W} of a clip

 private:
  at::Tensor text_states(const std::string& prompt);

  RunConfig config_;
  at::Device device_;
  MemoryMeter meter_;
  at::ScalarType state_dtype_;  // the sampler's: float32, or float64 with float64 models
  models::VideoModel video_;
  std::unique_ptr<critic::Critic> critic_;
  std::unique_ptr<flow::RewardFlow> flow_;
  PromptSet train_, held_out_;
  std::vector<int64_t> latent_shape_;
  std::vector<std::pair<std::string, at::Tensor>> text_cache_;  // the most recent prompts
};

}  // namespace drf::train
