#include "drf/train/evaluation.h"

#include <ATen/ATen.h>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/progress.h"
#include "drf/flow/rollout.h"
#include "drf/train/velocity_change.h"

namespace drf::train {

Evaluation evaluate(run::Run& run, nn::TrainableSet::Take take, int64_t draws, int64_t batch,
                    const OnClips& on_clips, const EvaluateMore& more) {
  const std::vector<std::string> prompts = run::evaluated_prompts(run.config(), run.prompts());
  std::vector<std::pair<int64_t, int64_t>> all;
  for (int64_t draw = 0; draw < draws; ++draw) {
    for (size_t p = 0; p < prompts.size(); ++p)
      all.emplace_back(static_cast<int64_t>(p), more.first_draw + draw);
  }
  const auto scope = run.trained().with(run.trained().standing(take));
  const flow::Scorer& scorer = run.parts().scorer;
  std::vector<rewards::Judgement> seen;  // where a reward learns
  MeanOf reward, saturation;
  std::map<std::string, MeanOf> rewards, parts, facts;
  PromptRecord by_prompt;
  Progress progress(
      take == nn::TrainableSet::Take::kReference ? "evaluating the base model" : "evaluating what is trained",
      static_cast<int64_t>(all.size()));
  for (size_t begin = 0; begin < all.size(); begin += static_cast<size_t>(batch)) {
    stop_if_interrupted();
    const std::vector<std::pair<int64_t, int64_t>> clips(
        all.begin() + begin, all.begin() + std::min(all.size(), begin + static_cast<size_t>(batch)));
    const flow::Batch input = run.batches().of(rewards::Split::kHeldOut, clips, Purpose::kEvalNoise);
    flow::OnMove visit;
    if (more.velocity && begin < prompts.size()) {
      more.velocity->begin(input);
      visit = [&](const at::Tensor& x, const diffusion::Move& move) { more.velocity->visit(x, move); };
    }
    const flow::Judgement result =
        flow::evaluate(run.parts(), input, flow::Pixels::kAsShown, visit).judgement;
    if (visit) more.velocity->end(result.x0);
    const at::Tensor& made = result.frames_BF3HW.defined() ? result.frames_BF3HW : result.x0;
    if (!made.isfinite().all().item<bool>())
      fail(ErrorKind::kNumerics, "evaluation: the generator made non-finite frames");
    if (!scorer.learners().empty()) seen.push_back({result.samples, result.by_name});
    std::vector<int64_t> shown;
    for (size_t b = 0; b < clips.size(); ++b) {
      shown.push_back(clips[b].first);
      const auto add = [&](MeanOf& mean, const std::string& name, double value) {
        mean.add(value);
        by_prompt.add("held_out_" + name, clips[b].first, value);
      };
      add(reward, "reward", result.rewards_B[static_cast<int64_t>(b)].item<double>());
      for (const auto& [name, score] : result.by_name) {
        if (!run.config().rewards.empty())
          add(rewards[name], "reward/" + name, score.total_B[static_cast<int64_t>(b)].item<double>());
        for (const auto& [part, value] : score.parts[b]) parts[part].add(value);
        for (const auto& [fact, mean] : score.facts[b])  // a clip may have dense questions only
          if (mean.count > 0) add(facts[fact], fact, mean.sum / static_cast<double>(mean.count));
      }
    }
    saturation.add(result.saturation);
    if (on_clips) on_clips(shown, made.to(at::kCPU));
    progress.update(static_cast<int64_t>(begin + clips.size()));
  }

  Evaluation evaluation{
      static_cast<int64_t>(all.size()), reward.estimate(), {}, {}, {}, scorer.figures(&seen),
      saturation.estimate().mean,       by_prompt.means()};
  for (const auto& [name, accumulator] : rewards) evaluation.rewards[name] = accumulator.estimate();
  for (const auto& [fact, accumulator] : facts) evaluation.facts[fact] = accumulator.estimate();
  for (const auto& [part, accumulator] : parts) evaluation.parts[part] = accumulator.estimate();
  return evaluation;
}

}  // namespace drf::train
