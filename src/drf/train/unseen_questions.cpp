#include "drf/train/unseen_questions.h"

#include <ATen/ATen.h>

#include <cmath>
#include <map>
#include <string>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/progress.h"
#include "drf/flow/rollout.h"
#include "drf/train/mean_of.h"

namespace drf::train {
namespace {

enum Group { kTrained, kHeldOut, kInOtherWords, kGroups };
constexpr const char* kNames[kGroups] = {"p_right/trained", "p_right/held_out", "p_right/paraphrases"};

// What one clip was answered, p by question: the mean of each group of its yes/no questions.
struct OfClip {
  MeanOf groups[kGroups];
  bool paraphrased = false;
};

OfClip of_clip(const questions::QuestionList& asked, const at::Tensor& p) {
  OfClip clip;
  std::map<std::string, MeanOf> otherwise;  // by the id of what a paraphrase repeats
  const auto each = [&](const auto& take) {
    for (size_t i = 0; i < asked.size(); ++i)
      if (asked[i].kind == questions::Kind::kYesNo) take(asked[i], p[static_cast<int64_t>(i)].item<double>());
  };
  each([&](const questions::Question& q, double right) {
    if (!q.paraphrase_of.empty()) otherwise[q.paraphrase_of].add(right);
  });
  each([&](const questions::Question& q, double right) {
    if (!q.paraphrase_of.empty()) return;
    if (q.held_out) return clip.groups[kHeldOut].add(right);
    clip.groups[kTrained].add(right);
    // The same questions, twins and all, so that nothing but the words is another.
    const auto said = otherwise.find(q.id);
    clip.paraphrased = clip.paraphrased || said != otherwise.end();
    clip.groups[kInOtherWords].add(said == otherwise.end() ? right : said->second.estimate().mean);
  });
  return clip;
}

}  // namespace

UnseenQuestions ask_unseen(run::Run& run, nn::TrainableSet::Take take, int64_t draws, int64_t batch,
                           const std::vector<int64_t>& prompts) {
  const run::PromptSet& set = run.prompts().train;
  std::vector<std::pair<int64_t, int64_t>> all;
  for (int64_t draw = 0; draw < draws; ++draw)
    for (const int64_t prompt : prompts) all.emplace_back(prompt, draw);
  UnseenQuestions result;
  result.clips = static_cast<int64_t>(all.size());
  if (all.empty()) return result;
  const at::NoGradGuard no_graph;
  const auto scope = run.trained().with(run.trained().standing(take));
  MeanOf means[kGroups];
  PromptRecord by_prompt;
  bool paraphrased = false;
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
    std::vector<questions::QuestionList> asked;
    for (const auto& [prompt, draw] : clips) {
      const auto p = static_cast<size_t>(prompt);
      asked.push_back(set.questions[p]);
      asked.back().insert(asked.back().end(), set.unseen[p].begin(), set.unseen[p].end());
    }
    run.parts().parking.begin(run.critic().residence());
    const critic::Answers answers = run.critic().ask(frames_BF3HW, run.config().sampling.fps, asked);
    for (size_t b = 0; b < clips.size(); ++b) {
      const at::Tensor p = answers.logprobs[b].exp().to(at::kDouble).to(at::kCPU);
      const OfClip clip = of_clip(asked[b], p);
      paraphrased = paraphrased || clip.paraphrased;
      for (int group = 0; group < kGroups; ++group) {
        if (clip.groups[group].empty()) continue;
        const double mean = clip.groups[group].estimate().mean;
        means[group].add(mean);
        by_prompt.add(kNames[group], clips[b].first, mean);
      }
    }
    progress.update(static_cast<int64_t>(begin + clips.size()));
  }
  const auto estimate = [&](Group group) {
    return means[group].empty() ? std::nullopt : std::optional(means[group].estimate());
  };
  result.trained = estimate(kTrained);
  result.held_out = estimate(kHeldOut);
  if (paraphrased) result.paraphrases = estimate(kInOtherWords);
  result.by_prompt = by_prompt.means();
  if (!paraphrased) result.by_prompt.erase(kNames[kInOtherWords]);
  return result;
}

}  // namespace drf::train
