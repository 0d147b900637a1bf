#pragma once
// A model of the family, opened from its folder: all of models/vision_language.h but how it sees clips and
// how a prompt names them, which are each model's own.

#include <memory>
#include <utility>

#include "drf/models/qwen/generate.h"
#include "drf/models/qwen/shown_clip.h"
#include "drf/models/vision_language.h"
#include "drf/text/chat_template.h"
#include "drf/text/tokenizer.h"

namespace drf::qwen {

/// Config has `vision`, `text` and the tokens of media; Model its towers, and a function load beside it.
template <typename Config, typename Model>
class OpenedModel : public models::VisionLanguage {
 public:
  std::vector<models::Written> generate(const std::vector<models::Prompt>& prompts,
                                        const models::Generation& how) override {
    residence_->come_back();
    return model_.generate(prompts, how);
  }
  int64_t generation_bytes(const std::vector<models::Prompt>& prompts) const override {
    return qwen::generation_bytes(config_.text, prompts, options_.dtype);
  }
  int64_t writing_bytes(int64_t tokens) const override {
    return qwen::writing_bytes(config_.text, tokens, options_.dtype);
  }
  int64_t max_positions() const override { return config_.text.max_positions; }

  const text::Tokenizer& tokenizer() const override { return *tokenizer_; }
  const text::ChatTemplate& chat() const override { return chat_; }
  std::vector<int64_t> media_ids() const override { return ids_of(config_); }
  nn::Residence& residence() override { return *residence_; }

 protected:
  /// `processor` and `otherwise`: what holds where the folder says nothing.
  OpenedModel(const std::filesystem::path& folder, const models::VisionLanguageOptions& options,
              const ProcessorDefaults& processor, const text::ChatTemplate& otherwise)
      : options_(options),
        config_(Config::read(folder)),
        processor_(ProcessorConfig::read(folder, config_.vision, processor)),
        model_(config_, options.vision),
        tokenizer_(text::open_tokenizer(folder)),
        chat_(text::ChatTemplate::open(folder, otherwise)) {
    require_effect(options.max_pixels, processor_, config_.vision, folder);
    residence_ = load_weights(folder, options, [&](const Checkpoint& checkpoint, nn::LoadOptions how) {
      return load(model_, checkpoint, std::move(how));
    });
    model_.set_recompute(options.recompute);
  }

  models::VisionLanguageOptions options_;
  Config config_;
  ProcessorConfig processor_;
  Model model_;
  std::unique_ptr<nn::Residence> residence_;  ///< of the model
  std::unique_ptr<text::Tokenizer> tokenizer_;
  text::ChatTemplate chat_;
};

}  // namespace drf::qwen
