#pragma once
// A critic whose answers about clips are kept as they come, by the content of what was asked, so that a run
// that was stopped in the hours of looking goes on where it was. Wraps any critic and is one, without graphs.
//
// A call is kept as a whole: its questions are padded to the longest of them, so what one is answered may
// depend on the others in its last bits. The key is the SHA-256 of the critic's identity, of the frames'
// bytes, of fps and of all questions.

#include <string>

#include "drf/critic/critic.h"
#include "drf/writer/answer_file.h"

namespace drf::writer {

class CriticCache final : public critic::Critic {
 public:
  /// `identity`: all that its answers depend on besides the call. Neither object is owned; both outlive this.
  CriticCache(critic::Critic& critic, std::string identity, AnswerFile& file)
      : critic_(critic), identity_(std::move(identity)), file_(file) {}

  /// Of one clip: logprobs as float64 on the CPU, without a graph; no p_yes. Throws Error(kResources) where
  /// the answers cannot be kept, Error(kInput) where a second clip cannot be read.
  critic::Answers ask(const at::Tensor& frames_BF3HW, double fps,
                      const std::vector<questions::QuestionList>& questions) override;
  void check_texts(const questions::QuestionList& questions, const std::string& where) const override {
    critic_.check_texts(questions, where);
  }
  int64_t found() const { return found_; }  ///< questions that were answered from the file

 private:
  std::string key_of(const at::Tensor& frames_BF3HW, double fps, const questions::QuestionList& questions);

  critic::Critic& critic_;
  std::string identity_;
  AnswerFile& file_;
  at::Tensor last_frames_;  // of the last call, kept so that a clip's bytes are read once
  std::string last_digest_;
  int64_t found_ = 0;
};

}  // namespace drf::writer
