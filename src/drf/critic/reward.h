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
  /// Weigh each question by 1 - p of its target (no gradient through the weight): unsatisfied facts get the
  /// gradient.
  bool focus = false;
  /// Nothing is gained by p beyond this, in (0, 1]: r = min(log p, log margin), without gradient above.
  double margin = 1.0;
};

struct Reward {
  at::Tensor value;                    ///< 0-dim, float32 or wider, with the graph of `logprobs`
  std::map<Aspect, double> by_aspect;  ///< the aspect's weighted mean, before lambda
};

/// R = sum over aspects of lambda_A * (sum w r / sum w over that aspect's questions); w is the question's
/// weight, times 1 - p with focus. Aspects without questions (or with a weight sum of 0) count nothing.
/// logprobs: [Q], one a question in order.
Reward reward(const at::Tensor& logprobs, const QuestionList& questions, const RewardOptions& options);

}  // namespace drf::critic
