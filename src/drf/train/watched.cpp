#include "drf/train/watched.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::train {

bool counts(const Watched& watched, double before, double after) {
  constexpr double kFloor = 0.01;  // what is as good as certain (rewards/vlm_reward.h)
  const auto odds = [](double p) { return (1 - p + kFloor) / p; };
  return watched.least_odds == 1 || odds(after) >= watched.least_odds * odds(before);
}

std::vector<Watched> watched_by(const run::RunConfig& config, const std::string& merit) {
  std::vector<std::string> by_aspect,
      measures = {"held_out_reward", "p_right/held_out", "p_right/paraphrases"};
  const std::vector<run::RewardTermConfig> terms = config.terms();
  for (size_t i = 0; i < terms.size(); ++i) {
    if (!terms[i].judge) continue;
    const std::string critic = config.name_of_critic(i), suffix = critic.empty() ? "" : "/" + critic;
    measures.insert(measures.end(), {"held_out_reward/" + terms[i].name, "held_out_p_right" + suffix});
    for (const char* aspect : {"TA", "PF", "VQ"})
      by_aspect.push_back(concat("held_out_p_right_", aspect, suffix));
  }
  if (std::find(measures.begin(), measures.end(), merit) == measures.end()) measures.push_back(merit);
  std::vector<Watched> all;
  for (const std::string& measure : measures) all.push_back({measure, measure == merit});
  for (const std::string& measure : by_aspect) all.push_back({measure, false, kLeastOdds});
  return all;
}

std::string remedy(bool stops) {
  return concat(
      "take ",
      stops ? "checkpoints/best, the best by this measure"
            : "an earlier checkpoint (checkpoints/best is the best by another measure)",
      ", and train shorter, with a smaller train.lr, or with train.anchor, reward.margin or a judge's "
      "questions among those trained on");
}

}  // namespace drf::train
