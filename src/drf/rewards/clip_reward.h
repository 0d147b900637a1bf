#pragma once
// A CLIPModel as a reward: how well each frame fits the prompt, in the mean over frames. PickScore, HPSv2 in
// that form, plain CLIP (docs: models/clip/README.md).
//
// Shape letters: B clips, F frames, H W pixels.

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>
#include <c10/core/ScalarType.h>

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "drf/models/clip/image_processor.h"
#include "drf/models/clip/model.h"
#include "drf/models/flops.h"
#include "drf/nn/residence.h"
#include "drf/rewards/reward.h"
#include "drf/text/tokenizer.h"

namespace drf::rewards {

/// kCosine: of the two embeddings; kLogit: exp(logit_scale) times it, as PickScore is.
enum class ClipScale { kLogit, kCosine };

/// "logit" or "cosine"; "crop" or "pad". Throw Error(kConfig) naming `key` for anything else.
ClipScale parse_clip_scale(const std::string& name, const std::string& key);
clip::Fit parse_clip_fit(const std::string& name, const std::string& key);

struct ClipOptions {
  at::ScalarType dtype = at::kFloat;
  at::Device device = at::kCPU;
  int64_t frames = 4;  ///< taken from a clip as the critic's are, each by itself: none is repeated to be even
  ClipScale scale = ClipScale::kLogit;
  clip::Fit fit = clip::Fit::kCrop;
  bool recompute = true;  ///< blocks keep no activations for the backward: less memory, the same bits
};

class ClipScore {
 public:
  /// Reads a transformers folder: config.json, model.safetensors or shards, preprocessor_config.json, and the
  /// tokenizer's files. Throws Error(kInput) naming file, got, wanted and the remedy, also where the
  /// tokenizer does not belong to the model; Error(kConfig) for fewer than one frame.
  ClipScore(const std::filesystem::path& folder, const ClipOptions& options);

  /// frames_BF3HW: [0, 1], any real values (not clamped, not rounded); texts: one a clip -> [B], float32 or
  /// wider, with the graph of the frames. Rows are independent; a text's embedding has no graph and is kept.
  /// Texts longer than the model reads are cut before their end token, with one warning. Throws Error(kInput)
  /// for a text that holds the end token itself, behind which nothing would be read, and one that is not
  /// UTF-8.
  at::Tensor score(const at::Tensor& frames_BF3HW, const std::vector<std::string>& texts);

  /// Throws for texts that score() would refuse.
  void check(const std::vector<std::string>& texts);
  /// About how far a clip's score moves with the unit vector of one of its frames.
  double steepness() const;
  /// What score() of so many clips computes; texts are read once in a run and not counted.
  models::Flops flops(int64_t clips) const;
  /// Where its weights are. score() brings them back, the backward of what it gave does not.
  nn::Residence* residence() { return residence_.get(); }

 private:
  std::vector<int64_t> ids_of(const std::string& text);
  const at::Tensor& text_embedding(const std::string& text);

  ClipOptions options_;
  clip::Config config_;
  clip::ImageProcessorConfig processor_;
  clip::Model model_;
  std::unique_ptr<nn::Residence> residence_;  ///< of the model
  std::unique_ptr<text::Tokenizer> tokenizer_;
  std::unordered_map<std::string, at::Tensor> embeddings_;  ///< [E], by text
  bool warned_of_cut_ = false, warned_of_frames_ = false;
};

/// ClipScore of what was generated from each sample's prompt.
class ClipReward : public Reward {
 public:
  ClipReward(const std::filesystem::path& folder, const ClipOptions& options) : clip_(folder, options) {}

  bool sees_frames() const override { return true; }
  /// Throws as ClipScore::score.
  Score score(const at::Tensor& frames_BF3HW, const std::vector<Sample>& samples) override;
  void check_prompts(const std::vector<std::string>& prompts) override { clip_.check(prompts); }
  nn::Residence* residence() override { return clip_.residence(); }

 private:
  ClipScore clip_;
};

}  // namespace drf::rewards
