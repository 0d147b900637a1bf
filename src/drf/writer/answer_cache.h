#pragma once
// Answers kept as they come, by the content of what was asked: whatever ends a run, the next one asks only
// what is missing. Wraps any TextModel and is one.
//
// The file holds JSON lines: {"drf":"answers","version":1}, then {"key","text","complete","prompt_tokens",
// "answer_tokens"} of what was written and {"key","p_yes"} of what was judged. A key is the SHA-256 of the
// model's identity and of all of the request, so another instruction, model or schema is another question.
// Errors are not kept. A last line that a kill or a full disk left unfinished is taken away.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "drf/writer/text_model.h"

namespace drf {
class AppendFile;
class FileLock;
}  // namespace drf

namespace drf::writer {

class AnswerCache final : public TextModel {
 public:
  /// Reads `file`, made if absent, and holds it (FILE.lock) until destroyed. `model` is not owned and
  /// outlives this. Throws Error(kInput) if `file` is something else than kept answers, Error(kConfig) if
  /// another process holds it, Error(kResources) if it cannot be written, or its file
  /// system has no locks.
  AnswerCache(TextModel& model, const std::filesystem::path& file);
  ~AnswerCache() override;

  /// As the model's: kept answers first, then those that the model gives to the rest. What is asked twice in
  /// one call is asked once. Throws Error(kResources) where an answer cannot be kept.
  std::vector<TextAnswer> write(const std::vector<TextRequest>& requests, const Done& done) override;
  std::vector<YesNo> judge(const std::vector<TextRequest>& requests, const Judged& done) override;
  std::string identity() const override;

  /// Since this was opened.
  int64_t found() const { return found_; }  ///< requests answered from the file
  int64_t asked() const { return asked_; }  ///< requests that the model was given

 private:
  template <typename Answer>
  struct Kind;
  template <typename Answer>
  std::vector<Answer> answer(const std::vector<TextRequest>& requests,
                             const std::function<void(size_t, const Answer&)>& done);
  void read(const std::filesystem::path& file);

  TextModel& model_;
  std::unique_ptr<FileLock> lock_;
  std::unique_ptr<AppendFile> file_;
  std::unordered_map<std::string, TextAnswer> written_;
  std::unordered_map<std::string, YesNo> judged_;
  int64_t found_ = 0, asked_ = 0;
};

}  // namespace drf::writer
