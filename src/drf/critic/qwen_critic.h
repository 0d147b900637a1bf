#pragma once
// Qwen2.5-VL as a critic: the video is a shared prefix, every question an independent suffix, all in one
// pass.

#include "drf/critic/critic.h"
#include "drf/critic/open_critic.h"
#include "drf/models/qwen2_5_vl/model.h"
#include "drf/nn/residence.h"
#include "drf/text/chat_template.h"
#include "drf/text/tokenizer.h"

namespace drf::critic {

class QwenCritic : public Critic {
 public:
  /// Throws Error(kInput) as open_critic, and if the tokenizer holds no spelling of yes or of no.
  QwenCritic(const std::filesystem::path& folder, const CriticOptions& options);
  Answers ask(const at::Tensor& frames_BF3HW, double fps,
              const std::vector<QuestionList>& questions) override;
  nn::Residence* residence() override { return residence_.get(); }
  void check_texts(const QuestionList& questions, const std::string& where) const override;

 private:
  /// Where a question's answer stands in its suffix.
  struct Encoded {
    qwen::Suffix suffix;
    std::vector<int64_t> answer;  // dense: the target's tokens, one for each wanted position
  };
  Encoded encode(const Question& question) const;
  std::vector<int64_t> spellings(const std::vector<std::string>& words) const;
  std::vector<int64_t> prefix_ids(int64_t video_tokens) const;
  models::Flops flops(const qwen::Grid& grid, const qwen::QuestionBatch& batch) const;
  void require_effect(const std::filesystem::path& folder) const;
  void require_fitting_clip(int64_t height, int64_t width, int64_t frames, const qwen::Grid& grid);

  CriticOptions options_;
  qwen::Config config_;
  qwen::ProcessorConfig processor_;
  qwen::Model model_;
  std::unique_ptr<nn::Residence> residence_;  ///< of the model
  std::unique_ptr<text::Tokenizer> tokenizer_;
  text::ChatTemplate chat_;
  std::vector<int64_t> yes_ids_, no_ids_;
  bool warned_ = false;  ///< that a clip has fewer frames than are asked for
};

}  // namespace drf::critic
