#include "drf/train/lessons.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/interrupt.h"
#include "drf/base/progress.h"
#include "drf/flow/rollout.h"
#include "drf/run/learners.h"

namespace drf::train {
namespace {
using Clips = std::vector<std::pair<int64_t, int64_t>>;  // (prompt, draw)
}

bool start_learners(run::Run& run) {
  const flow::Parts& parts = run.parts();
  flow::Scorer& scorer = parts.scorer;
  const auto learners = scorer.learners();
  const run::RunConfig& config = run.config();
  if (std::all_of(learners.begin(), learners.end(), [](const auto* one) { return one->has_learnt(); }))
    return false;
  const auto prompts = static_cast<int64_t>(run.prompts().train.prompts.size());
  const Clips clips = run::clips_before_start(config, prompts);
  {
    std::map<std::string, flow::StageCost> costs;
    flow::StageClock clock = flow::clock_of(run.parts(), costs);
    const auto scope = run.trained().with(run.trained().standing(nn::TrainableSet::Take::kReference));
    Progress progress("clips of the base model for what learns", static_cast<int64_t>(clips.size()));
    const auto batch = static_cast<size_t>(config.train.batch);
    for (size_t begin = 0; begin < clips.size(); begin += batch) {
      stop_if_interrupted();
      const Clips some(clips.begin() + static_cast<int64_t>(begin),
                       clips.begin() + static_cast<int64_t>(std::min(clips.size(), begin + batch)));
      const flow::Batch input = run.batches().of(rewards::Split::kTrain, some, Purpose::kSurrogateNoise);
      parts.parking.begin(parts.network(0), clock);
      scorer.observe(flow::sample(parts, input, &clock), input.samples, clock);
      scorer.commit();
      progress.update(static_cast<int64_t>(begin + some.size()));
    }
  }
  for (rewards::Learner* learner : learners) learner->start();
  return true;
}

std::map<std::string, double> show_teachers(run::Run& run, const rewards::Judgement& shown, int64_t update,
                                            std::map<std::string, flow::StageCost>& costs) {
  constexpr int64_t kOthers = int64_t{1} << 28;  // draws of run::clips_before_start() are below
  const flow::Parts& parts = run.parts();
  flow::Scorer& scorer = parts.scorer;
  const auto learners = scorer.learners();
  if (std::none_of(learners.begin(), learners.end(),
                   [&](const rewards::Learner* one) { return one->wants_teacher(update); })) {
    return {};
  }
  flow::StageClock clock = flow::clock_of(run.parts(), costs);
  Clips others;
  for (const rewards::Sample& sample : shown.samples)
    others.emplace_back(sample.prompt, sample.draw + kOthers + update * 1009);  // updates may share a draw
  const flow::Batch input =
      run.batches().of(rewards::Split::kTrain, others, Purpose::kSurrogateNoise, update);
  parts.parking.begin(parts.network(0), clock);
  const at::Tensor other = flow::sample(parts, input, &clock);
  clock.lap("learn");
  std::map<std::string, double> means;
  for (const auto& [x0, samples] : {std::pair(shown.x0, shown.samples), std::pair(other, input.samples)}) {
    const rewards::Judgement seen = scorer.observe(x0, samples, clock);
    if (x0.is_meta()) continue;
    for (const auto& [name, score] : seen.by_name)
      means[name] += score.total_B.to(at::kDouble).mean().item<double>() / 2;
  }
  return means;
}

void let_learn(run::Run& run, std::map<std::string, flow::StageCost>& costs) {
  flow::Scorer& scorer = run.parts().scorer;
  if (scorer.learners().empty()) return;
  flow::StageClock clock = flow::clock_of(run.parts(), costs);
  scorer.commit();
  clock.lap("learn");
}

}  // namespace drf::train
