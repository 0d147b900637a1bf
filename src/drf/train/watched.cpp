#include "drf/train/watched.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::train {

std::vector<Watched> watched_by(const run::RunConfig& config, const std::string& merit) {
  std::vector<std::string> measures = {"held_out_reward", "p_right/held_out", "p_right/paraphrases"};
  for (const run::RewardTermConfig& term : config.terms())
    if (term.judge)
      measures.insert(measures.end(), {"held_out_reward/" + term.name, "held_out_p_right/" + term.name});
  if (std::find(measures.begin(), measures.end(), merit) == measures.end()) measures.push_back(merit);
  std::vector<Watched> all;
  for (const std::string& measure : measures) all.push_back({measure, measure == merit});
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
