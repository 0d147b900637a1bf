#pragma once
// What a critic is to the rest of the program: frames and questions in, log-probabilities of the answers out,
// with a gradient back to the frames. Another critic is another class here and one line where critics are
// opened.
//
// Shape letters: B clips, F frames, Q questions of a clip.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/models/flops.h"
#include "drf/questions/questions.h"

namespace drf::nn {
class Residence;
}

namespace drf::critic {

struct Answers {
  /// One [Q] tensor a clip, float32 or wider: log-probability of the target answer as the reward uses it
  /// (docs/questions.md). Carries the graph to the frames when gradients are on.
  std::vector<at::Tensor> logprobs;
  /// One [Q] tensor a clip: probability of "yes" for yes/no questions, NaN for dense ones. No graph.
  std::vector<at::Tensor> p_yes;
  models::Flops flops{};  ///< what it took, on paper
};

class Critic {
 public:
  virtual ~Critic() = default;
  /// frames_BF3HW: [0, 1], any real values (not clamped, not rounded); fps: frames a second of the clip.
  /// questions: one list a clip, none empty. All questions are answered in one pass over each video.
  virtual Answers ask(const at::Tensor& frames_BF3HW, double fps,
                      const std::vector<questions::QuestionList>& questions) = 0;
  /// Where its weights are (nn/residence.h); null if they cannot be parked. ask() brings them back, the
  /// backward of what it gave does not.
  virtual nn::Residence* residence() { return nullptr; }
  /// Throws Error(kInput), naming `where` (their file) and the question, for texts and answers that this
  /// critic would not read as text: they hold one of its special tokens. Called once, before any work.
  virtual void check_texts(const questions::QuestionList& questions, const std::string& where) const {
    (void)questions, (void)where;
  }
};

}  // namespace drf::critic
