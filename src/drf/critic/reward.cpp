#include "drf/critic/reward.h"

#include <ATen/ATen.h>

#include <cmath>

#include "drf/base/error.h"

namespace drf::critic {

Reward reward(const at::Tensor& logprobs, const QuestionList& questions, const RewardOptions& options) {
  DRF_CHECK(logprobs.dim() == 1 && logprobs.size(0) == static_cast<int64_t>(questions.size()));
  const at::Tensor gained = options.margin < 1 ? logprobs.clamp_max(std::log(options.margin)) : logprobs;
  const at::Tensor unsatisfied = 1 - logprobs.detach().exp();

  Reward result{at::zeros({}, logprobs.options()), {}};
  for (const auto& [aspect, lambda] : options.aspect_weights) {
    std::vector<double> weights(questions.size(), 0.0);
    bool any = false;
    for (size_t i = 0; i < questions.size(); ++i) {
      if (questions[i].aspect != aspect) continue;
      weights[i] = questions[i].weight;
      any = true;
    }
    if (!any) continue;
    at::Tensor w = at::tensor(weights, at::kDouble).to(logprobs.options());
    if (options.focus) w = w * unsatisfied;
    const double total = w.sum().item<double>();
    if (!(total > 0)) continue;
    const at::Tensor mean = (w * gained).sum() / total;
    result.by_aspect[aspect] = mean.item<double>();
    result.value = result.value + lambda * mean;
  }
  return result;
}

}  // namespace drf::critic
