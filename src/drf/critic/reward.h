#pragma once
// From the answers' log-probabilities to one number a clip (method.md section 5).

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "drf/critic/critic.h"

namespace drf::critic {

struct RewardOptions {
  std::map<Aspect, double> aspect_weights{
      {Aspect::kTA, 1.0}, {Aspect::kPF, 1.0}, {Aspect::kVQ, 1.0}};  ///< lambda, >= 0
  /// Each question's gradient is weighed by 1 - p of its target: unsatisfied facts get it, and where all are
  /// satisfied it goes to 0. The value of the reward is not touched.
  bool focus = false;
  /// Nothing is gained by p beyond this, in (0, 1]: r = min(log p, log margin), without gradient above.
  double margin = 1.0;
};

struct Reward {
  at::Tensor value;  ///< R: 0-dim, float32 or wider, with the graph of `logprobs`; what is shown
  /// What training climbs: R itself, or with focus the sum below with w (1 - p) for w above the line, 1 - p a
  /// constant. Its value means nothing.
  at::Tensor objective;
  std::map<Aspect, double> by_aspect;  ///< the aspect's weighted mean, before lambda
};

/// R = sum over aspects of lambda_A * (sum w r / sum w over that aspect's questions); w is the question's
/// weight. Aspects without questions (or with a weight sum of 0) count nothing.
/// logprobs: [Q], one a question in order.
Reward reward(const at::Tensor& logprobs, const QuestionList& questions, const RewardOptions& options);

}  // namespace drf::critic
