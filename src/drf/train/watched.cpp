#include "drf/train/watched.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::train {

bool counts(const Watched& watched, double before, double after) {
  return watched.least_odds == 1 || (1 - after) * before >= watched.least_odds * (1 - before) * after;
}

std::vector<Watched> watched_by(const run::RunConfig& config, const std::string& merit) {
  std::vector<std::string> by_aspect,
      measures = {"held_out_reward", "p_right/held_out", "p_right/paraphrases"};
  for (const run::RewardTermConfig& term : config.terms()) {
    if (!term.judge) continue;
    measures.insert(measures.end(), {"held_out_reward/" + term.name, "held_out_p_right/" + term.name});
    for (const char* aspect : {"TA", "PF", "VQ"})
      by_aspect.push_back(concat("held_out_p_right_", aspect, "/", term.name));
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
