#include "drf/rewards/weigh_answers.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "drf/base/error.h"

namespace drf::rewards {
namespace {

// No answer is surer than this: beyond, 1 - p is rounding.
constexpr double kLeastDoubt = 1e-6;

// log p - log(1 - p) of yes/no answers, log p of the others.
at::Tensor log_odds(const at::Tensor& logprobs, const questions::QuestionList& questions) {
  std::vector<uint8_t> yes_no(questions.size());
  for (size_t i = 0; i < questions.size(); ++i) yes_no[i] = questions[i].kind == questions::Kind::kYesNo;
  const at::Tensor doubt = (-at::expm1(logprobs)).clamp_min(kLeastDoubt);
  return at::where(at::tensor(yes_no, at::kByte).to(logprobs.device(), at::kBool), logprobs - doubt.log(),
                   logprobs);
}

}  // namespace

WeighedAnswers weigh_answers(const at::Tensor& logprobs, const questions::QuestionList& questions,
                             const WeighOptions& options) {
  DRF_CHECK(logprobs.dim() == 1 && logprobs.size(0) == static_cast<int64_t>(questions.size()));
  const at::Tensor gained = options.margin < 1 ? logprobs.clamp_max(std::log(options.margin)) : logprobs;

  WeighedAnswers result{at::zeros({}, logprobs.options()), {}, {}};
  const at::Tensor climbed =
      !options.odds ? gained
                    : at::where(logprobs <= std::log(options.margin), log_odds(logprobs, questions), gained);
  at::Tensor objective = result.value;
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
    if (options.steers()) {
      const at::Tensor by = options.focus ? w * (1 - logprobs.detach().exp()) : w;
      objective = objective + lambda * (by * climbed).sum() / total;
    }
  }
  result.objective = options.steers() ? objective : result.value;
  return result;
}

}  // namespace drf::rewards
