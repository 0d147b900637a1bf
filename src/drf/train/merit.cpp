#include "drf/train/merit.h"

#include <vector>

namespace drf::train {
namespace {

std::vector<std::string> judges_of(const run::RunConfig& config) {
  std::vector<std::string> judges;
  for (const run::RewardTermConfig& term : config.terms())
    if (term.judge) judges.push_back("held_out_reward/" + term.name);
  return judges;
}

// As unseen_questions.h counts them.
bool asks_held_out(const run::RunConfig& config, const run::PromptSets& prompts) {
  for (const int64_t p : run::validated_with_unseen(config, prompts))
    for (const questions::Question& q : prompts.train.unseen[static_cast<size_t>(p)])
      if (q.held_out && q.paraphrase_of.empty() && q.kind == questions::Kind::kYesNo) return true;
  return false;
}

}  // namespace

std::string merit_of(const run::RunConfig& config, const run::PromptSets& prompts) {
  const std::vector<std::string> judges = judges_of(config);
  if (!judges.empty()) return judges.size() > 1 ? kJudges : judges.front();
  return asks_held_out(config, prompts) ? "p_right/held_out" : "held_out_reward";
}

void add_judges(const run::RunConfig& config, std::map<std::string, double>& shown) {
  const std::vector<std::string> judges = judges_of(config);
  if (judges.size() < 2) return;
  double sum = 0;
  for (const std::string& judge : judges) sum += shown.at(judge);
  shown[kJudges] = sum;
}

void add_judges(const run::RunConfig& config, PromptMeans& by_prompt) {
  const std::vector<std::string> judges = judges_of(config);
  if (judges.size() < 2) return;
  std::vector<double> sums = by_prompt.at(judges.front());
  for (size_t j = 1; j < judges.size(); ++j)
    for (size_t p = 0; p < sums.size(); ++p) sums[p] += by_prompt.at(judges[j]).at(p);
  by_prompt[kJudges] = sums;
}

std::string asked_text(const run::RunConfig& config, const run::PromptSets& prompts) {
  std::string text;
  for (const int64_t index : run::validated_with_unseen(config, prompts)) {
    const auto p = static_cast<size_t>(index);
    const run::PromptSet& set = prompts.train;
    text +=
        set.prompts[p] + "\n" + run::questions_text({{set.prompts[p]}, {set.questions[p]}, {set.unseen[p]}});
  }
  return text;
}

}  // namespace drf::train
