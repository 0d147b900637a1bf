#pragma once
// From the answers' log-probabilities to one number a clip (method.md section 5).

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "drf/questions/questions.h"

namespace drf::rewards {

struct WeighOptions {
  std::map<questions::Aspect, double> aspect_weights{{questions::Aspect::kTA, 1.0},
                                                     {questions::Aspect::kPF, 1.0},
                                                     {questions::Aspect::kVQ, 1.0}};  ///< lambda, >= 0
  /// Each question's gradient is weighed by 1 - p of its target: unsatisfied facts get it, and where all are
  /// satisfied it goes to 0. The value of the reward is not touched.
  bool focus = false;
  /// What is climbed of a yes/no answer is log p - log(1 - p) in place of log p, whose slope is 1 / (1 - p)
  /// of it: log p loses most by an answer that is quite wrong, so a model that is right half the time gains
  /// by showing neither. Not with focus, which is the inverse. The value of the reward is not touched.
  bool odds = false;
  /// Nothing is gained by p beyond this, in (0, 1]: r = min(log p, log margin), without gradient above.
  double margin = 1.0;
  bool steers() const { return focus || odds; }  ///< what is climbed is not R
};

struct WeighedAnswers {
  at::Tensor value;  ///< R: 0-dim, float32 or wider, with the graph of `logprobs`; what is shown
  /// What training climbs: R itself; with focus the sum below with w (1 - p) for w above the line, 1 - p a
  /// constant; with odds that of log odds. Its value means nothing.
  at::Tensor objective;
  std::map<questions::Aspect, double> by_aspect;  ///< the aspect's weighted mean, before lambda
  double steepness = 0;  ///< the most that value moves with one log-probability; 0: no question counts
};

/// R = sum over aspects of lambda_A * (sum w r / sum w over that aspect's questions); w is the question's
/// weight. Aspects without questions (or with a weight sum of 0) count nothing.
/// logprobs: [Q], one a question in order.
WeighedAnswers weigh_answers(const at::Tensor& logprobs, const questions::QuestionList& questions,
                             const WeighOptions& options);

}  // namespace drf::rewards
