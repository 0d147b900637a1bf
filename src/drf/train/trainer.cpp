#include "drf/train/trainer.h"

#include <ATen/ATen.h>

#include <chrono>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/log.h"
#include "drf/nn/lora.h"
#include "drf/train/clip_norm.h"
#include "drf/train/lr_schedule.h"

namespace drf::train {
namespace {

// Mean probability of the right answer over the yes/no questions of a batch.
struct RightAnswers {
  double sum = 0;
  int64_t count = 0;
  void add(const flow::FlowResult& result, const std::vector<critic::QuestionList>& questions) {
    for (size_t b = 0; b < questions.size(); ++b) {
      const at::Tensor p = result.answers.logprobs[b].exp().to(at::kDouble).to(at::kCPU);
      for (size_t i = 0; i < questions[b].size(); ++i) {
        if (questions[b][i].kind != critic::Kind::kYesNo) continue;
        sum += p[static_cast<int64_t>(i)].item<double>();
        ++count;
      }
    }
  }
  double mean() const { return count ? sum / static_cast<double>(count) : 0; }
};

}  // namespace

Trainer::Trainer(Session& session, RunDirectory* directory) : session_(session), directory_(directory) {
  const TrainConfig& c = session.config().train;
  for (const auto& [name, tensor] : nn::lora_parameters(session.generator().adapter_root()))
    parameters_.push_back(tensor);
  optimizer_ = std::make_unique<AdamW>(parameters_, AdamWOptions{c.beta1, c.beta2, c.eps, c.weight_decay});
}

std::vector<std::pair<int64_t, int64_t>> Trainer::clips(int64_t u, int64_t m) const {
  const RunConfig& c = session_.config();
  const int64_t prompts = static_cast<int64_t>(session_.train_set().prompts.size());
  std::vector<std::pair<int64_t, int64_t>> result;
  for (int64_t i = 0; i < c.train.batch; ++i) {
    const int64_t position = (u * c.train.accumulate + m) * c.train.batch + i;
    const int64_t epoch = position / prompts;
    const RandomKey key{static_cast<uint64_t>(c.seed), Purpose::kPromptOrder, 0,
                        static_cast<uint32_t>(epoch)};
    result.emplace_back(shuffle(key, prompts)[static_cast<size_t>(position % prompts)], epoch);
  }
  return result;
}

UpdateStats Trainer::update() {
  const auto start = std::chrono::steady_clock::now();
  const RunConfig& c = session_.config();
  UpdateStats stats;
  stats.update = update_ + 1;
  for (const at::Tensor& p : parameters_) p.mutable_grad() = at::Tensor();

  const double clips_per_update = static_cast<double>(c.train.batch * c.train.accumulate);
  RightAnswers right;
  std::map<critic::Aspect, int64_t> aspect_count;
  for (int64_t m = 0; m < c.train.accumulate; ++m) {
    const flow::FlowInput input = session_.input(session_.train_set(), clips(update_, m), Purpose::kNoise);
    const flow::FlowResult result = session_.flow().run(input, -1.0 / clips_per_update);
    stats.reward += result.rewards_B.sum().item<double>() / clips_per_update;
    for (const auto& clip : result.by_aspect) {
      for (const auto& [aspect, value] : clip) stats.by_aspect[aspect] += value, ++aspect_count[aspect];
    }
    right.add(result, input.questions);
    stats.flow = result.stats;
  }
  for (auto& [aspect, sum] : stats.by_aspect) sum /= static_cast<double>(aspect_count[aspect]);
  stats.p_yes_right = right.mean();

  stats.lr = warmup_lr(c.train.lr, c.train.warmup, update_);
  stats.grad_norm = clip_grad_norm(parameters_, c.train.clip);
  stats.skipped = !std::isfinite(stats.reward) || !std::isfinite(stats.grad_norm);
  if (!stats.skipped) optimizer_->step(stats.lr);
  ++update_;
  stats.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return stats;
}

}  // namespace drf::train
