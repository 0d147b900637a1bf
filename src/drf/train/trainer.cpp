#include "drf/train/trainer.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/progress.h"
#include "drf/nn/lora.h"
#include "drf/train/clip_norm.h"
#include "drf/train/evaluation.h"
#include "drf/train/lr_schedule.h"
#include "drf/train/metrics.h"
#include "drf/train/prompt_order.h"
#include "drf/train/tensorboard.h"

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

// Costs of the batches before, added to those of the last.
void add(const std::map<std::string, flow::StageCost>& before,
         std::map<std::string, flow::StageCost>& costs) {
  for (const auto& [stage, cost] : before) {
    costs[stage].seconds += cost.seconds;
    costs[stage].peak_bytes = std::max(costs[stage].peak_bytes, cost.peak_bytes);
  }
}

// What the progress line shows beside the time left.
std::string summary(const UpdateStats& s) {
  char text[160];
  std::snprintf(text, sizeof text, "reward %.3f  p(right) %.3f  gnorm %.2f%s", s.reward, s.p_right,
                s.grad_norm, s.skipped ? "  SKIPPED (non-finite)" : "");
  return text;
}

void write_events(EventFile& events, const nlohmann::ordered_json& row, int64_t update) {
  for (const auto& [key, value] : row.items()) {
    if (value.is_number() && key != "update") events.scalar(key, update, value.get<float>());
  }
}

}  // namespace

Trainer::Trainer(Session& session, RunDirectory* directory) : session_(session), directory_(directory) {
  const TrainConfig& c = session.config().train;
  for (const auto& [name, tensor] : nn::lora_parameters(session.generator().adapter_root()))
    parameters_.push_back(tensor);
  optimizer_ = std::make_unique<AdamW>(parameters_, AdamWOptions{c.beta1, c.beta2, c.eps, c.weight_decay});
}

UpdateStats Trainer::update() {
  const auto start = std::chrono::steady_clock::now();
  const RunConfig& c = session_.config();
  const auto prompts = static_cast<int64_t>(session_.train_set().prompts.size());
  UpdateStats stats;
  stats.update = update_ + 1;
  for (const at::Tensor& p : parameters_) p.mutable_grad() = at::Tensor();

  const double clips_per_update = static_cast<double>(c.train.batch * c.train.accumulate);
  const bool fresh = update_ % c.flow.reuse == 0;
  if (fresh) finished_.clear();
  RightAnswers right;
  std::map<critic::Aspect, int64_t> aspect_count;
  for (int64_t m = 0; m < c.train.accumulate; ++m) {
    flow::FlowInput input = session_.input(session_.train_set(), clips_of_update(c, prompts, update_, m),
                                           Purpose::kNoise, update_);
    if (!fresh) input.finished_BCTHW = finished_.at(static_cast<size_t>(m)).to(input.noise_BCTHW.options());
    const flow::FlowResult result = session_.flow().run(input, -1.0 / clips_per_update);
    if (fresh && c.flow.reuse > 1) finished_.push_back(result.x0);
    stats.reward += result.rewards_B.sum().item<double>() / clips_per_update;
    for (const auto& clip : result.by_aspect) {
      for (const auto& [aspect, value] : clip) stats.by_aspect[aspect] += value, ++aspect_count[aspect];
    }
    right.add(result, input.questions);
    const auto before = std::move(stats.flow.costs);
    stats.flow = result.stats;
    add(before, stats.flow.costs);
  }
  for (auto& [aspect, sum] : stats.by_aspect) sum /= static_cast<double>(aspect_count[aspect]);
  stats.p_right = right.mean();

  stats.lr = learning_rate({c.train.lr, c.train.warmup, c.train.lr_final, c.train.updates}, update_);
  stats.grad_norm = clip_grad_norm(parameters_, c.train.clip);
  stats.skipped = !std::isfinite(stats.reward) || !std::isfinite(stats.grad_norm);
  if (!stats.skipped) optimizer_->step(stats.lr);
  ++update_;
  stats.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return stats;
}

nlohmann::ordered_json to_json(const UpdateStats& s) {
  nlohmann::ordered_json row = {{"update", s.update}, {"reward", s.reward}};
  for (const auto& [aspect, value] : s.by_aspect) row["reward_" + critic::to_string(aspect)] = value;
  row["p_right"] = s.p_right;
  row["grad_norm"] = s.grad_norm;
  row["lr"] = s.lr;
  row["skipped"] = s.skipped;
  row["d_frames_norm"] = s.flow.d_frames_norm;
  row["d_x0_norm"] = s.flow.d_x0_norm;
  row["d_xK_norm"] = s.flow.d_x_norms.empty() ? 0.0 : s.flow.d_x_norms.back();
  row["saturation"] = s.flow.saturation;
  if (s.flow.penalty != 0) row[s.flow.guide_norms.empty() ? "anchor" : "matching_loss"] = s.flow.penalty;
  row["seconds"] = s.seconds;
  int64_t peak = 0;
  for (const char* stage : flow::stage_names()) {
    const auto cost = s.flow.costs.find(stage);
    if (cost == s.flow.costs.end()) continue;
    row[std::string(stage) + "_s"] = cost->second.seconds;
    peak = std::max(peak, cost->second.peak_bytes);
  }
  row["peak_gib"] = static_cast<double>(peak) / (1 << 30);
  return row;
}

void Trainer::resume() {
  DRF_CHECK(directory_ != nullptr);
  const CheckpointState state = directory_->load(session_.generator().adapter_root(), *optimizer_,
                                                 session_.generator().adapter_names());
  update_ = state.update;
  finished_ = state.finished;
  const RunConfig& c = session_.config();
  if (update_ % c.flow.reuse != 0) {  // in the middle of a rollout
    std::vector<int64_t> sizes = session_.latent_shape();
    sizes.insert(sizes.begin(), c.train.batch);
    const bool whole = static_cast<int64_t>(finished_.size()) == c.train.accumulate;
    const auto fits = [&](const at::Tensor& clips) { return clips.sizes() == at::IntArrayRef(sizes); };
    if (!whole || !std::all_of(finished_.begin(), finished_.end(), fits)) {
      fail(ErrorKind::kInput, *directory_->latest(), ": rollout.safetensors is missing or damaged, wanted ",
           c.train.accumulate, " tensors ", sizes,
           ": updates after this checkpoint go on with its clips. Remove the ",
           "checkpoint to resume from the one before");
    }
  }
  session_.flow().guide_norms().set_values(state.guide_norms);
  skipped_in_a_row_ = state.skipped_in_a_row;
}

void Trainer::save() {
  if (!directory_) return;
  const bool mid_rollout = update_ % session_.config().flow.reuse != 0;
  directory_->save({update_, skipped_in_a_row_, session_.flow().guide_norms().values(),
                    mid_rollout ? finished_ : std::vector<at::Tensor>()},
                   session_.generator().adapter_root(), *optimizer_, session_.generator().adapter_names());
}

void Trainer::add_held_out(nlohmann::ordered_json& row) {
  const Evaluation held_out =
      evaluate(session_, 1, session_.config().eval.seeds, session_.config().train.batch);
  row["held_out_reward"] = held_out.reward.mean;
  row["held_out_p_right"] = held_out.p_right.mean;
}

void Trainer::prepare() { session_.prepare_texts(prompts_to_come(session_, update_)); }

bool Trainer::run(const std::function<void(const UpdateStats&)>& after) {
  const TrainConfig& c = session_.config().train;
  prepare();
  std::unique_ptr<MetricsFile> metrics;
  std::unique_ptr<EventFile> events;
  if (directory_) {
    metrics = std::make_unique<MetricsFile>(directory_->file("metrics.jsonl"), update_);
    events = std::make_unique<EventFile>(directory_->folder(), update_ > 0 ? update_ + 1 : 0);
  }
  Progress progress("training", c.updates, update_);
  while (update_ < c.updates) {
    UpdateStats stats;
    const std::vector<double> guide_norms = session_.flow().guide_norms().values();
    try {
      stats = update();
    } catch (const Interrupted&) {  // the update is begun again on resume, from the same noise
      session_.flow().guide_norms().set_values(guide_norms);
      save();
      return false;
    }
    skipped_in_a_row_ = stats.skipped ? skipped_in_a_row_ + 1 : 0;
    nlohmann::ordered_json row = to_json(stats);
    try {
      if (c.eval_every > 0 && update_ % c.eval_every == 0) add_held_out(row);
    } catch (const Interrupted&) {  // the update itself is whole: it is saved below
    }
    if (metrics) metrics->append(row);
    if (events) write_events(*events, row, stats.update);
    if (after) after(stats);
    progress.update(update_, summary(stats));
    if (skipped_in_a_row_ > c.max_skipped) {
      fail(ErrorKind::kNumerics, "training: ", skipped_in_a_row_,
           " updates in a row gave non-finite rewards or gradients; the last checkpoint is untouched. Lower "
           "train.lr or "
           "train.clip, or use a wider dtype");
    }
    if (update_ == c.updates && skipped_in_a_row_ == c.updates) {
      fail(ErrorKind::kNumerics,
           "training: every update gave non-finite rewards or gradients; nothing was learnt");
    }
    const bool stop = interrupted();
    if (stop || update_ == c.updates || (c.checkpoint_every > 0 && update_ % c.checkpoint_every == 0)) save();
    if (stop && update_ < c.updates) return false;
  }
  return true;
}

}  // namespace drf::train
