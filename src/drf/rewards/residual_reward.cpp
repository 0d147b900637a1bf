#include "drf/rewards/residual_reward.h"

#include <ATen/ATen.h>

#include <utility>

#include "drf/base/error.h"

namespace drf::rewards {

ResidualReward::ResidualReward(fields::Equation equation, fields::FieldConfig generators)
    : score_(std::move(generators)) {
  const fields::Equation own = score_.config().equation;
  if (equation != own) {
    fail(ErrorKind::kConfig, "rewards: equation is ", fields::name_of(equation),
         ", but the generator draws fields of ", fields::name_of(own),
         " (its fields.json); set equation = \"", fields::name_of(own), "\"");
  }
}

Score ResidualReward::score(const at::Tensor& latents_BC1HW, const std::vector<Sample>& samples) {
  const ResidualScores scores = score_.score(latents_BC1HW);
  Score score;
  score.total_B = scores.reward_B;
  score.parts.resize(samples.size());
  for (size_t b = 0; b < samples.size(); ++b) {
    const auto i = static_cast<int64_t>(b);
    score.facts.push_back({{"abs_r", {scores.mean_abs_r_B[i].item<double>(), 1}},
                           {"square_r", {scores.mean_square_r_B[i].item<double>(), 1}}});
  }
  return score;
}

}  // namespace drf::rewards
