#include "drf/rewards/weigh_answers.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"

namespace drf::rewards {

WeighedAnswers weigh_answers(const at::Tensor& logprobs, const critic::QuestionList& questions,
                             const WeighOptions& options) {
  DRF_CHECK(logprobs.dim() == 1 && logprobs.size(0) == static_cast<int64_t>(questions.size()));
  const at::Tensor gained = options.margin < 1 ? logprobs.clamp_max(std::log(options.margin)) : logprobs;

  WeighedAnswers result{at::zeros({}, logprobs.options()), {}, {}};
  at::Tensor focused = result.value;
  for (const auto& [aspect, lambda] : options.aspect_weights) {
    std::vector<double> weights(questions.size(), 0.0);
    double total = 0;
    for (size_t i = 0; i < questions.size(); ++i) {
      if (questions[i].aspect == aspect) total += weights[i] = questions[i].weight;
    }
    if (!(total > 0)) continue;
    const at::Tensor w = at::tensor(weights, at::kDouble).to(logprobs.options());
    const at::Tensor mean = (w * gained).sum() / total;
    result.by_aspect[aspect] = mean.item<double>();
    result.steepness =
        std::max(result.steepness, lambda * *std::max_element(weights.begin(), weights.end()) / total);
    result.value = result.value + lambda * mean;
    // By what is asked, not by what is still wrong: where all is right, nothing is left to push.
    if (options.focus)
      focused = focused + lambda * (w * (1 - logprobs.detach().exp()) * gained).sum() / total;
  }
  result.objective = options.focus ? focused : result.value;
  return result;
}

}  // namespace drf::rewards
