#pragma once
// A run: everything that training, evaluation and the checks work with, opened from a configuration.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "drf/critic/critic.h"
#include "drf/models/denoiser.h"
#include "drf/rewards/open_rewards.h"
#include "drf/rewards/vlm_reward.h"
#include "drf/run/adapters.h"
#include "drf/run/batches.h"
#include "drf/run/engine.h"
#include "drf/run/prompts.h"
#include "drf/tensor/memory_meter.h"

namespace drf::run {

/// The step policies there are: what configurations may name.
const std::vector<std::string>& known_policies();

struct BuildOptions {
  at::Device device = at::kCPU;  ///< kMeta: a dry run, which the planner walks
  /// Prompts that are read before the rewards, so that these and the text encoder are never in memory
  /// together. Others are read when they are needed.
  std::vector<std::string> texts{};
  /// Where a file may lie while the run lives (memory.text_states); empty = where temporary files do.
  std::filesystem::path folder{};
  /// Adapters, or a folder of weights, to begin with instead of what the configuration says.
  AdapterFiles trained{};
};

class Run {
 public:
  /// Opens and checks everything before any long work, which reading the texts is. `resolved`: nothing that
  /// matters is left to the planner (plan.h). Throws Error of kind kConfig or kInput, and Interrupted.
  Run(const RunConfig& resolved, PromptSets prompts, const BuildOptions& options);
  Run(const Run&) = delete;  // its parts refer to each other
  Run& operator=(const Run&) = delete;

  const RunConfig& config() const { return config_; }  ///< with what the files of adapters settle
  const PromptSets& prompts() const { return prompts_; }
  at::Device device() const { return device_; }
  /// Tensor memory of this run's device since before the models were read.
  MemoryMeter& meter() { return meter_; }
  models::Denoiser& denoiser() { return *generator_.denoiser; }
  models::Decoder* decoder() { return generator_.decoder.get(); }  ///< null where there is none
  const nn::TrainableSet& trained() const { return trained_; }
  /// Where each network's adapters compute.
  const std::vector<nn::SigmaMax>& sigma_max() const { return sigma_max_; }
  const std::vector<int64_t>& latent_shape() const { return batches_->noise().shape(); }  ///< {C, T, H, W}
  /// That of config().main_critic(), where config().asks_questions().
  critic::Critic& critic() { return *critics_.at(config_.main_critic()); }
  /// What critic()'s reward is made of besides: the reward of the questions.
  rewards::Questions questions() const;
  rewards::VlmOptions vlm_options() const;
  /// What reward `term` of config().terms() was opened as, which asks questions, with other weights of their
  /// answers. It must not outlive this.
  std::unique_ptr<rewards::Reward> with_weights(size_t term, const rewards::WeighOptions& weigh);
  Batches& batches() { return *batches_; }
  const flow::Parts& parts() const { return engine_->parts(); }
  objectives::Objective& objective() { return engine_->objective(); }

 private:
  void require_sound_sizes() const;
  flow::Noise noise() const;
  rewards::RewardSources reward_sources() const;
  std::vector<rewards::RewardSpec> checked_rewards() const;
  void open_trained(const AdapterFiles& files);
  void check_questions() const;
  void open_rewards(const std::vector<rewards::RewardSpec>& specs);

  RunConfig config_;
  PromptSets prompts_;
  at::Device device_;
  MemoryMeter meter_;
  models::Generator generator_;
  nn::TrainableSet trained_;  // of generator_
  std::vector<nn::SigmaMax> sigma_max_;
  std::unique_ptr<Batches> batches_;
  std::vector<std::unique_ptr<critic::Critic>> critics_;  // of the rewards that ask questions, by term
  std::vector<std::unique_ptr<rewards::Reward>> rewards_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace drf::run
