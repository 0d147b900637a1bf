#pragma once
// Where the critic looks in a clip: how much the questions' reward moves with each pixel, by question.
//
// A question's reward R_q is its share of what training climbs (method.md section 5): R = sum over q of R_q,
// so that the gradients of all questions add to that of the reward. A question whose answer is past
// reward.margin, or that weighs nothing, has none.
//
// Shape letters: Q questions, F frames, H W pixels; h w cells.

#include <ATen/core/Tensor.h>

#include <functional>
#include <vector>

#include "drf/critic/critic.h"
#include "drf/flow/parking.h"
#include "drf/rewards/vlm_reward.h"

namespace drf::train {

/// Asks about clips one by one. What it is given must outlive it. One question's graph is there at a time:
/// less memory than an update takes, at one pass of the critic a question.
class CriticLook {
 public:
  CriticLook(critic::Critic& critic, const rewards::VlmOptions& options, const flow::Parking& parking)
      : critic_(critic), options_(options), parking_(parking) {}

  struct Answers {
    std::vector<double> logprobs;  ///< of the right answers, [Q]
    std::vector<double> slopes;    ///< d R / d logprobs, [Q]
  };
  /// frames_F3HW: on the critic's device. No gradient.
  Answers ask(const at::Tensor& frames_F3HW, const questions::QuestionList& questions) const;

  /// d R_q / d frames [F,3,H,W] of one of those questions, of which `slope` is known; zeros where that is 0.
  at::Tensor gradient(const at::Tensor& frames_F3HW, const questions::Question& question, double slope) const;

 private:
  critic::Critic& critic_;
  rewards::VlmOptions options_;
  const flow::Parking& parking_;
};

/// Cells of a map at most, a side.
inline constexpr int64_t kMostCells = 32;

/// |gradient| summed over colours, over blocks of pixels (kMostCells a side at most, nearly equal, each pixel
/// in one of them), and over each `every` frames: [ceil(F / every),h,w] float64 on the CPU. Sums to the
/// gradient's L1 norm.
at::Tensor cells_of(const at::Tensor& gradient_F3HW, int64_t every);

}  // namespace drf::train
