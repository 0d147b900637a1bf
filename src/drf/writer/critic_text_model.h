#pragma once
// The run's own critic as a model of texts: it writes the questions that it will answer. Greedy, several
// requests at once; answers with a schema are held to it token by token, so that they are documents of it
// whatever the model is, and end within max_tokens.
//
// What a turn says is encoded as text alone: "<|im_end|>" in a caption is ten characters. Answers do not
// depend on what else is asked, but for rounding.

#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "drf/critic/spellings.h"
#include "drf/models/vision_language.h"
#include "drf/writer/text_model.h"
#include "drf/writer/token_mask.h"

namespace drf::writer {

/// What is written at once: so many requests, fewer where more tokens would be read or more bytes remembered.
/// One by itself is always written.
inline constexpr size_t kRequestsAtOnce = 32, kTokensAtOnce = 16'384;
inline constexpr int64_t kRememberedBytes = 4LL << 30;

class CriticTextModel : public TextModel {
 public:
  /// `folder`: the model's, for its generation_config.json, identity and messages. Throws Error(kInput) for a
  /// tokenizer without single tokens of yes and no, of each byte, or of the chat's marks.
  CriticTextModel(std::unique_ptr<models::VisionLanguage> model, const std::filesystem::path& folder,
                  at::ScalarType dtype);

  /// A request has its error in its answer where its schema is not supported or needs more than max_tokens,
  /// its text and max_tokens are more than the model has positions for, its turns are not a chat, or its text
  /// holds what the model takes for a clip. complete: false also where a document was closed early.
  std::vector<TextAnswer> write(const std::vector<TextRequest>& requests, const Done& done) override;
  /// By the log-probabilities of all spellings of yes and no, as VlmCritic does.
  std::vector<YesNo> judge(const std::vector<TextRequest>& requests, const Judged& done) override;
  std::string identity() const override { return identity_; }

 private:
  /// A request that can be answered.
  struct Work {
    size_t request = 0;
    models::Prompt prompt;
    const JsonSchema* schema = nullptr;
    bool answered = false;  ///< asked only as company
  };
  std::vector<int64_t> encode(const TextRequest& request) const;
  const JsonSchema& schema_of(const std::string& text);
  Work prepare(const TextRequest& request, int64_t max_tokens) const;
  /// Requests that begin alike together, then by length, as many at once as the limits above allow. Those
  /// that are answered count, so that a run that goes on asks in the same company; a batch of them alone is
  /// left out.
  std::vector<std::vector<Work>> batches(std::vector<Work> work) const;
  void write_batch(const std::vector<Work>& batch, std::vector<TextAnswer>& answers, const Done& done);
  void judge_batch(const std::vector<Work>& batch, std::vector<YesNo>& answers, const Judged& done);

  std::unique_ptr<models::VisionLanguage> model_;
  std::string where_, identity_;
  critic::Spellings spellings_;
  std::vector<int64_t> end_ids_;
  std::optional<TokenMask> mask_;
  std::map<std::string, JsonSchema> schemas_;  ///< by their text
};

/// Reads the language model of a critic's folder (not its vision tower). Throws as critic::open_critic and
/// CriticTextModel.
std::unique_ptr<TextModel> open_critic_text_model(const std::filesystem::path& folder, at::ScalarType dtype,
                                                  at::Device device);

}  // namespace drf::writer
