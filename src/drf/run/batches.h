#pragma once
// What passes are given: prompts as the generator reads them, and noise.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "drf/flow/batch.h"
#include "drf/flow/noise.h"
#include "drf/models/denoiser.h"
#include "drf/run/prompts.h"
#include "drf/run/text_states.h"

namespace drf::run {

class Batches {
 public:
  /// What it is given must outlive it. `folder`: where a file may lie meanwhile (memory.text_states); empty =
  /// where temporary files do.
  Batches(models::Denoiser& denoiser, const RunConfig& config, const PromptSets& prompts, flow::Noise noise,
          const std::filesystem::path& folder);

  /// Encodes `texts`, and the negative one where there is guidance, and frees the text encoder
  /// (text_states.h): before long work that needs no others. Throws Interrupted.
  void prepare(std::vector<std::string> texts);
  /// One clip a (prompt, draw) pair of `split`, for batch `micro` of update `update`.
  flow::Batch of(rewards::Split split, const std::vector<std::pair<int64_t, int64_t>>& clips, Purpose purpose,
                 int64_t update = 0, int64_t micro = 0);
  const flow::Noise& noise() const { return noise_; }
  /// What the generator's encoders say of a prompt.
  models::Condition condition(const std::string& prompt) { return texts_.of(prompt); }

 private:
  void say_what_is_cut();  // with the first batch: whatever refuses a run has spoken before

  models::Denoiser& denoiser_;
  const RunConfig& config_;
  const PromptSets& prompts_;
  flow::Noise noise_;
  TextStates texts_;
  bool said_what_is_cut_ = false;
};

}  // namespace drf::run
