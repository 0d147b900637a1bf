#include "drf/rewards/vlm_reward.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"

namespace drf::rewards {
namespace {

std::map<std::string, Mean> facts_of(const at::Tensor& logprobs, const questions::QuestionList& questions,
                                     const std::string& suffix) {
  at::Tensor p = logprobs.detach().exp().to(at::kDouble);
  if (!p.is_meta()) p = p.to(at::kCPU);  // a dry run answers item() where it is
  Mean right, yes, certain;
  std::map<questions::Aspect, Mean> by_aspect;
  for (size_t i = 0; i < questions.size(); ++i) {
    if (questions[i].kind != questions::Kind::kYesNo) continue;
    const double own = p[static_cast<int64_t>(i)].item<double>();
    const auto add = [](Mean& mean, double value) { mean.sum += value, ++mean.count; };
    add(right, own);
    add(by_aspect[questions[i].aspect], own);
    if (questions[i].answer == "Yes") add(yes, own);
    add(certain, own > 0.99 || own < 0.01 ? 1 : 0);
  }
  std::map<std::string, Mean> facts = {
      {"p_right" + suffix, right}, {"p_yes" + suffix, yes}, {"certain" + suffix, certain}};
  for (const auto& [aspect, mean] : by_aspect)
    facts["p_right_" + questions::to_string(aspect) + suffix] = mean;
  return facts;
}

}  // namespace

questions::QuestionList leave_out(questions::QuestionList questions, double share, const RandomKey& key) {
  const std::vector<double> drawn = uniform(key, questions.size());
  std::map<questions::Aspect, size_t> last;  // of each aspect the one that stays longest
  for (size_t i = 0; i < questions.size(); ++i) {
    if (questions[i].weight == 0) continue;
    const auto [best, first] = last.try_emplace(questions[i].aspect, i);
    if (!first && drawn[i] > drawn[best->second]) best->second = i;
  }
  for (size_t i = 0; i < questions.size(); ++i) {
    const auto best = last.find(questions[i].aspect);
    if (drawn[i] < share && best != last.end() && best->second != i) questions[i].weight = 0;
  }
  return questions;
}

Score VlmReward::score(const at::Tensor& frames_BF3HW, const std::vector<Sample>& samples) {
  std::vector<questions::QuestionList> asked;
  for (const Sample& sample : samples)
    asked.push_back(questions_.at(sample.split)->at(static_cast<size_t>(sample.prompt)));
  const critic::Answers answers = critic_.ask(frames_BF3HW, options_.fps, asked);
  const bool wants_gradient = at::GradMode::is_enabled() && frames_BF3HW.requires_grad();

  const std::string& name = options_.name;
  const std::string suffix = name.empty() ? "" : "/" + name,
                    logprobs_name = name.empty() ? "logprobs" : "logprobs." + name;
  Score score;
  score.flops = answers.flops;
  score.steepness = 0;
  std::vector<at::Tensor> totals;
  for (size_t b = 0; b < samples.size(); ++b) {
    const at::Tensor& logprobs = answers.logprobs[b];
    const Sample& sample = samples[b];
    const WeighedAnswers weighed = weigh_answers(
        logprobs,
        options_.left_out == 0 || sample.view < 0
            ? asked[b]
            : leave_out(asked[b], options_.left_out,
                        {options_.seed, Purpose::kAskedQuestions, static_cast<uint32_t>(sample.prompt),
                         static_cast<uint32_t>(sample.view)}),
        options_.weigh);
    if (wants_gradient && weighed.steepness > 0 && !logprobs.requires_grad())
      fail(ErrorKind::kNumerics, "the critic gave the frames no gradient");
    // The value of the reward, the gradient of the objective.
    totals.push_back(options_.weigh.steers()
                         ? weighed.value.detach() + (weighed.objective - weighed.objective.detach())
                         : weighed.value);
    score.steepness = std::max(score.steepness, weighed.steepness);
    score.parts.emplace_back();
    for (const auto& [aspect, mean] : weighed.by_aspect)
      score.parts.back()[questions::to_string(aspect) + suffix] = mean;
    score.facts.push_back(facts_of(logprobs, asked[b], suffix));
    score.tensors[logprobs_name].push_back(logprobs.detach());
  }
  score.total_B = at::stack(totals);
  return score;
}

}  // namespace drf::rewards
