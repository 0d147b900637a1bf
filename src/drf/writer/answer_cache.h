#pragma once
// A language model whose answers are kept as they come, by the content of what was asked: whatever ends a
// run, the next one asks only what is missing. Wraps any TextModel and is one.
//
// A key is the SHA-256 of the model's identity and of all of the request, so another instruction, model or
// schema is another question. Errors are not kept.

#include <cstdint>
#include <string>
#include <vector>

#include "drf/writer/answer_file.h"
#include "drf/writer/text_model.h"

namespace drf::writer {

class AnswerCache final : public TextModel {
 public:
  /// Neither is owned; both outlive this.
  AnswerCache(TextModel& model, AnswerFile& file) : model_(model), file_(file) {}

  /// As the model's: kept answers first, then those that the model gives to the rest, which is asked in the
  /// company that it would have had without them (TextRequest::answered). What is asked twice in one call is
  /// asked once. Throws Error(kResources) where an answer cannot be kept.
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

  TextModel& model_;
  AnswerFile& file_;
  int64_t found_ = 0, asked_ = 0;
};

}  // namespace drf::writer
