#pragma once
// A vision-language model as a critic: the clip is a shared prefix, every question an independent suffix, all
// in one pass. Questions that show a reference clip as well are a pass of their own for each reference, whose
// tokens all of them share. Which model it is, it does not know.

#include "drf/critic/critic.h"
#include "drf/critic/open_critic.h"
#include "drf/critic/reference_clips.h"
#include "drf/critic/spellings.h"
#include "drf/models/vision_language.h"

namespace drf::critic {

class VlmCritic : public Critic {
 public:
  /// Throws Error(kInput), naming `folder`, if the model's tokenizer holds no spelling of yes or of no.
  VlmCritic(std::unique_ptr<models::VisionLanguage> model, const std::filesystem::path& folder,
            const CriticOptions& options);
  Answers ask(const at::Tensor& frames_BF3HW, double fps,
              const std::vector<questions::QuestionList>& questions) override;
  nn::Residence* residence() override { return &model_->residence(); }
  void check_texts(const questions::QuestionList& questions, const std::string& where) const override;

 private:
  /// Where a question's answer stands in its suffix.
  struct Encoded {
    models::Suffix suffix;
    std::vector<int64_t> answer;  // dense: the target's tokens, one for each wanted position
  };
  /// The questions with one reference, and which of the batch's clips they are about.
  struct Group {
    std::string reference;
    std::vector<int64_t> clips;
    std::vector<std::vector<models::Suffix>> asked;  ///< one list for each of `clips`
  };
  struct Asked;
  Asked group(const std::vector<questions::QuestionList>& questions) const;
  models::Answered answer(const models::Video& video, const Group& group);
  Encoded encode(const questions::Question& question) const;
  void warn_of_short_clips(int64_t frames);

  CriticOptions options_;
  std::unique_ptr<models::VisionLanguage> model_;
  Spellings spellings_;
  ReferenceClips references_;
  bool warned_ = false;  ///< that a clip has fewer frames than are asked for
};

}  // namespace drf::critic
