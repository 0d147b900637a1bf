#include "drf/train/unseen_questions.h"

#include <ATen/ATen.h>

#include <cmath>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/progress.h"
#include "drf/flow/rollout.h"
#include "drf/train/mean_of.h"

namespace drf::train {
namespace {

enum Group { kTrained, kHeldOut, kParaphrases, kGroups };

Group group_of(const critic::Question& q) {
  if (!q.paraphrase_of.empty()) return kParaphrases;
  return q.held_out ? kHeldOut : kTrained;
}

}  // namespace

std::vector<int64_t> prompts_with_unseen(const run::RunConfig& config, const run::PromptSets& prompts) {
  std::vector<int64_t> indices;
  const auto limit = static_cast<size_t>(config.eval.prompts);
  for (size_t p = 0; p < prompts.train.unseen.size(); ++p) {
    if (prompts.train.unseen[p].empty()) continue;
    indices.push_back(static_cast<int64_t>(p));
    if (indices.size() == limit) break;
  }
  return indices;
}

UnseenQuestions ask_unseen(run::Run& run, nn::TrainableSet::Take take, int64_t draws, int64_t batch) {
  const run::PromptSet& set = run.prompts().train;
  std::vector<std::pair<int64_t, int64_t>> all;
  for (int64_t draw = 0; draw < draws; ++draw) {
    for (const int64_t prompt : prompts_with_unseen(run.config(), run.prompts()))
      all.emplace_back(prompt, draw);
  }
  UnseenQuestions result;
  result.clips = static_cast<int64_t>(all.size());
  if (all.empty()) return result;
  const at::NoGradGuard no_graph;
  const auto scope = run.trained().with(run.trained().standing(take));
  MeanOf means[kGroups];
  Progress progress("asking what is never trained on", result.clips);
  for (size_t begin = 0; begin < all.size(); begin += static_cast<size_t>(batch)) {
    stop_if_interrupted();
    const std::vector<std::pair<int64_t, int64_t>> clips(
        all.begin() + begin, all.begin() + std::min(all.size(), begin + static_cast<size_t>(batch)));
    const flow::Batch input = run.batches().of(rewards::Split::kTrain, clips, Purpose::kEvalNoise);
    const at::Tensor frames_BF3HW =
        flow::evaluate(run.parts(), input, flow::Pixels::kAsShown).judgement.frames_BF3HW;
    if (!frames_BF3HW.isfinite().all().item<bool>())
      fail(ErrorKind::kNumerics, "evaluation: the generator made non-finite frames");
    std::vector<critic::QuestionList> asked;
    for (const auto& [prompt, draw] : clips) {
      const auto p = static_cast<size_t>(prompt);
      asked.push_back(set.questions[p]);
      asked.back().insert(asked.back().end(), set.unseen[p].begin(), set.unseen[p].end());
    }
    run.parts().parking.begin(run.critic().residence());
    const critic::Answers answers = run.critic().ask(frames_BF3HW, run.config().sampling.fps, asked);
    for (size_t b = 0; b < clips.size(); ++b) {
      const at::Tensor p = answers.logprobs[b].exp().to(at::kDouble).to(at::kCPU);
      MeanOf of_clip[kGroups];
      for (size_t i = 0; i < asked[b].size(); ++i) {
        if (asked[b][i].kind != critic::Kind::kYesNo) continue;
        of_clip[group_of(asked[b][i])].add(p[static_cast<int64_t>(i)].item<double>());
      }
      for (int group = 0; group < kGroups; ++group) {
        if (!of_clip[group].empty()) means[group].add(of_clip[group].estimate().mean);
      }
    }
    progress.update(static_cast<int64_t>(begin + clips.size()));
  }
  const auto estimate = [&](Group group) {
    return means[group].empty() ? std::nullopt : std::optional(means[group].estimate());
  };
  result.trained = estimate(kTrained);
  result.held_out = estimate(kHeldOut);
  result.paraphrases = estimate(kParaphrases);
  return result;
}

}  // namespace drf::train
