#include "drf/train/trainer.h"

#include <ATen/ATen.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "drf/base/digest.h"
#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/json.h"
#include "drf/base/log.h"
#include "drf/base/progress.h"
#include "drf/nn/lora.h"
#include "drf/tensor/machine.h"
#include "drf/train/clip_norm.h"
#include "drf/train/evaluation.h"
#include "drf/train/lr_schedule.h"
#include "drf/train/metrics.h"
#include "drf/train/prompt_order.h"
#include "drf/train/tensorboard.h"

namespace drf::train {
namespace {

// One of `batches` equal batches joins those before it: costs add up, what is a mean over clips stays one.
// Norms are the last batch's.
void add(const flow::FlowStats& last, double batches, flow::FlowStats& all) {
  const flow::FlowStats before = all;
  all = last;
  for (const auto& [stage, cost] : before.costs) {
    all.costs[stage].seconds += cost.seconds;
    all.costs[stage].flops += cost.flops;
    all.costs[stage].peak_bytes = std::max(all.costs[stage].peak_bytes, cost.peak_bytes);
  }
  all.saturation = before.saturation + last.saturation / batches;
  all.out_of_range = before.out_of_range + last.out_of_range / batches;
  all.penalty = before.penalty + last.penalty / batches;
}

// What the progress line shows beside the time left.
std::string summary(const UpdateStats& s) {
  char text[160];
  const auto p_right = s.facts.find("p_right");
  std::snprintf(text, sizeof text, "reward %.3f  ", s.reward);
  std::string line = text;
  if (p_right != s.facts.end()) {
    std::snprintf(text, sizeof text, "p(right) %.3f  ", p_right->second);
    line += text;
  }
  std::snprintf(text, sizeof text, "gnorm %.2f%s", s.grad_norm, s.skipped ? "  SKIPPED (non-finite)" : "");
  return line + text;
}

void write_events(EventFile& events, const nlohmann::ordered_json& row, int64_t update) {
  for (const auto& [key, value] : row.items()) {
    if (value.is_number() && key != "update") events.scalar(key, update, value.get<float>());
  }
}

// The prompts of a set and the models, to tell a rollout or a reward by them from one by others.
std::string digest_of(const PromptSet& set, const RunDirectory* directory) {
  std::string text = directory ? directory->models_digest() + "\n" : "";
  for (const std::string& prompt : set.prompts) text += prompt + "\n";
  return digest(text);
}

}  // namespace

struct Trainer::Records {
  std::unique_ptr<MetricsFile> metrics;
  std::unique_ptr<EventFile> events;
  bool failing = false;

  // A line that cannot be written is no reason to stop; said once for as long as it lasts.
  void write(const nlohmann::ordered_json& row) {
    try {
      if (metrics) metrics->append(row);
      if (events) write_events(*events, row, row.at("update").get<int64_t>());
      failing = false;
    } catch (const Error& e) {
      if (!failing) log_warning("metrics", e.what(), "; training goes on without these lines");
      failing = true;
    }
  }
};

namespace {

// Where what is trained of the first network goes, with its average if there is one.
TrainedFiles files_of(Session& session, const Average* average) {
  const models::Component network = session.denoiser().components().front();
  const RunConfig& c = session.config();
  TrainedFiles files =
      c.train.weights == "full"
          ? TrainedFiles::of_weights(session.trained(), network.name,
                                     std::filesystem::path(c.generator.path) / network.name / "config.json")
          : TrainedFiles(*network.root, network.names, c.output.comfyui);
  if (average) files.keep(session.trained(), *average);
  return files;
}

}  // namespace

Trainer::Trainer(Session& session, RunDirectory* directory, Seconds clock)
    : session_(session),
      average_(session.config().train.ema > 0
                   ? std::make_unique<Average>(session.trained(), session.config().train.ema)
                   : nullptr),
      trained_(files_of(session, average_.get())),
      directory_(directory),
      schedule_(session.config().train.checkpoint_every, session.config().train.checkpoint_minutes,
                std::move(clock)) {
  const TrainConfig& c = session.config().train;
  if (c.lr_final < 1 && c.updates <= std::max<int64_t>(1, c.warmup)) {
    log_warning("train", concat("train.lr_final is never reached: train.warmup = ", c.warmup,
                                " takes all of train.updates = ", c.updates));
  }
  for (const auto& [name, leaf] : trained_.parameters()) parameters_.push_back(leaf);
  optimizer_ = std::make_unique<nn::AdamW>(trained_.parameters(),
                                           nn::AdamWOptions{c.beta1, c.beta2, c.eps, c.weight_decay});
}

UpdateStats Trainer::update() {
  const auto start = std::chrono::steady_clock::now();
  const RunConfig& c = session_.config();
  const auto prompts = static_cast<int64_t>(session_.train_set().prompts.size());
  const int64_t number = done_.update;  // from 0
  UpdateStats stats;
  stats.update = number + 1;
  for (const at::Tensor& p : parameters_) p.mutable_grad() = at::Tensor();

  const double clips_per_update = static_cast<double>(c.train.batch * c.train.accumulate);
  const bool fresh = done_.finished.empty();
  std::vector<at::Tensor> finished = done_.finished;
  std::map<std::string, rewards::Mean> facts;
  std::map<std::string, int64_t> part_count;
  for (int64_t m = 0; m < c.train.accumulate; ++m) {
    auto clips = clips_of_update(c, prompts, number, m);
    // In the place of a rollout that was given up: the same prompts, other noise.
    for (auto& [prompt, draw] : clips) draw += done_.dropped_rollouts << 16;
    flow::FlowInput input = session_.input(session_.train_set(), clips, Purpose::kNoise, number);
    input.exact_d_xK = false;
    if (!fresh) input.finished_BCTHW = finished.at(static_cast<size_t>(m)).to(input.noise_BCTHW.options());
    const flow::FlowResult result = session_.flow().run(input, -1.0 / clips_per_update);
    if (fresh && c.flow.reuse > 1) finished.push_back(result.x0);
    stats.reward += result.rewards_B.sum().item<double>() / clips_per_update;
    for (const auto& [name, score] : result.by_name) {
      if (!c.rewards.empty()) stats.rewards[name] += score.total_B.sum().item<double>() / clips_per_update;
      for (const auto& clip : score.parts)
        for (const auto& [part, value] : clip) stats.parts[part] += value, ++part_count[part];
      for (const auto& clip : score.facts) {
        for (const auto& [fact, mean] : clip) {
          facts[fact].sum += mean.sum;
          facts[fact].count += mean.count;
        }
      }
    }
    add(result.stats, static_cast<double>(c.train.accumulate), stats.flow);
  }
  for (auto& [part, sum] : stats.parts) sum /= static_cast<double>(part_count[part]);
  for (const auto& [fact, mean] : facts)
    if (mean.count > 0) stats.facts[fact] = mean.sum / static_cast<double>(mean.count);

  stats.lr = learning_rate({c.train.lr, c.train.warmup, c.train.lr_final, c.train.updates}, number);
  stats.grad_norm = clip_grad_norm(parameters_, c.train.clip);
  stats.skipped = !std::isfinite(stats.reward) || !std::isfinite(stats.grad_norm);
  moving_ = true;
  if (!stats.skipped) {
    optimizer_->step(stats.lr);
    if (average_) average_->update();
  }
  moving_ = false;

  Done state;
  state.update = number + 1;
  state.skipped_in_a_row = stats.skipped ? done_.skipped_in_a_row + 1 : 0;
  state.guide_norms = session_.flow().guide_norms().values();
  if (state.update % c.flow.reuse != 0) {  // the next update goes on with this rollout
    state.dropped_rollouts = done_.dropped_rollouts + (stats.skipped ? 1 : 0);
    // One that gave values that are not finite would give them again.
    if (!stats.skipped) state.finished = std::move(finished);
    state.rollout_of = digest_of(session_.train_set(), directory_);
  }
  done_ = std::move(state);
  if (!stats.skipped) learnt_ = image();
  wait_for(session_.device());  // or the next update pays for this one's last step
  stats.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return stats;
}

nlohmann::ordered_json to_json(const UpdateStats& s) {
  nlohmann::ordered_json row = {{"update", s.update}, {"reward", s.reward}};
  for (const auto& [name, value] : s.rewards) row["reward/" + name] = value;
  for (const auto& [part, value] : s.parts) row["reward_" + part] = value;
  for (const auto& [fact, value] : s.facts) row[fact] = value;
  row["grad_norm"] = s.grad_norm;
  row["lr"] = s.lr;
  row["skipped"] = s.skipped;
  row["d_frames_norm"] = s.flow.d_frames_norm;
  row["d_x0_norm"] = s.flow.d_x0_norm;
  row["d_xK_norm"] = s.flow.d_x_norms.empty() ? 0.0 : s.flow.d_x_norms.back();
  row["saturation"] = s.flow.saturation;
  if (s.flow.out_of_range != 0) row["out_of_range"] = s.flow.out_of_range;
  if (s.flow.penalty != 0) row[s.flow.guide_norms.empty() ? "anchor" : "matching_loss"] = s.flow.penalty;
  row["seconds"] = s.seconds;
  int64_t peak = 0;
  for (const char* stage : flow::stage_names()) {
    const auto cost = s.flow.costs.find(stage);
    if (cost == s.flow.costs.end()) continue;
    row[std::string(stage) + "_s"] = cost->second.seconds;
    peak = std::max(peak, cost->second.peak_bytes);
  }
  if (const auto park = s.flow.costs.find("park"); park != s.flow.costs.end())
    row["park_s"] = park->second.seconds;
  row["peak_gib"] = static_cast<double>(peak) / (1 << 30);
  return row;
}

void Trainer::state(StateVisitor& v) {
  v("update", done_.update);
  v("skipped_in_a_row", done_.skipped_in_a_row);
  if (v.reads() && done_.skipped_in_a_row < 0)
    v.reject("skipped_in_a_row", "is below 0; the file was edited");
  v("unvalidated", done_.unvalidated);
  v("guide_norms", done_.guide_norms);
  v("rollout_of", done_.rollout_of);
  v("dropped_rollouts", done_.dropped_rollouts, 0);
  v.file("rollout");
  v("finished", done_.finished);
  if (v.reads()) check_rollout(v);
  v.file("optimizer");
  optimizer_->state(v);
}

// Updates after a checkpoint may go on with its clips.
void Trainer::check_rollout(StateVisitor& v) const {
  const RunConfig& c = session_.config();
  if (done_.update % c.flow.reuse == 0) return;
  std::vector<int64_t> sizes = session_.latent_shape();
  sizes.insert(sizes.begin(), c.train.batch);
  const auto fits = [&](const at::Tensor& clips) { return clips.sizes() == at::IntArrayRef(sizes); };
  const bool whole = static_cast<int64_t>(done_.finished.size()) == c.train.accumulate &&
                     std::all_of(done_.finished.begin(), done_.finished.end(), fits);
  if (whole || (done_.finished.empty() && done_.dropped_rollouts > 0)) return;
  v.reject("finished", concat("rollout.safetensors is missing or damaged, wanted ", c.train.accumulate,
                              " tensors ", sizes, ": updates after this checkpoint go on with its clips"));
}

StateImage Trainer::image() {
  StateImage image;
  state(image);
  return image;
}

void Trainer::resume() {
  DRF_CHECK(directory_ != nullptr);
  const RunConfig& c = session_.config();
  if (!directory_->load(trained_, [this](StateVisitor& v) { state(v); })) done_ = {};
  if (done_.update % c.flow.reuse == 0) done_.finished.clear();
  saved_ = done_.update;
  const std::string made_by = digest_of(session_.train_set(), directory_);
  const std::string of_prompts = digest_of(session_.train_set(), nullptr);  // as older versions wrote it
  if (!done_.finished.empty() && !done_.rollout_of.empty() && done_.rollout_of != made_by &&
      done_.rollout_of != of_prompts) {
    log_warning("resume", "prompts or models are others: the rollout that updates went on with is given up");
    done_.finished.clear();
    ++done_.dropped_rollouts;
  }
  learnt_ = image();
  session_.flow().guide_norms().set_values(done_.guide_norms);
}

void Trainer::save(const StateImage& state) {
  const int64_t update = state.values().at("update");
  if (!directory_ || update == saved_) return;
  save_failed_ = true;
  directory_->save(state, trained_);
  save_failed_ = false;
  saved_ = update;
  schedule_.saved();
}

void Trainer::save_before_end(const StateImage& state) noexcept {
  const int64_t update = state.values().value("update", int64_t{0});
  if (!directory_ || save_failed_ || update <= std::max<int64_t>(saved_, 0)) return;
  try {
    if (moving_) {
      log_warning("train", "update ", update + 1,
                  " was broken off while it moved the weights: the last checkpoint stands");
      return;
    }
    save(state);
    log_warning("train", "update ", update,
                ", the last that is whole, is saved before the run ends: ", *directory_->latest(),
                "; --resume goes on from there");
  } catch (const std::exception& e) {
    log_warning("train", "update ", update, " could not be saved before the run ends: ", e.what());
  }
}

void Trainer::validate(nlohmann::ordered_json& row) {
  const auto update = row.at("update").get<int64_t>();
  const auto warn = [&](const std::string& what) {
    log_warning("validation", "after update ", update, ": ", what, "; training goes on");
  };
  try {
    const nn::TrainableSet& trained = session_.trained();
    const auto shown =
        trained.with(average_ ? average_->values() : trained.standing(nn::TrainableSet::Take::kAsTheyStand));
    const Evaluation held_out = evaluate(session_, nn::TrainableSet::Take::kAsTheyStand,
                                         session_.config().eval.seeds, session_.config().train.batch);
    row["held_out_reward"] = held_out.reward.mean;
    for (const auto& [fact, estimate] : held_out.facts) row["held_out_" + fact] = estimate.mean;
    for (const auto& [name, estimate] : held_out.rewards) row["held_out_reward/" + name] = estimate.mean;
    if (!std::isfinite(held_out.reward.mean)) {
      warn("the held-out reward is not finite");
    } else if (directory_ && (!best_ || held_out.reward.mean > *best_)) {
      directory_->save_best(image(), trained_, held_out.reward.mean, validation_setup_);
      best_ = held_out.reward.mean;
    }
  } catch (const Interrupted&) {
    throw;
  } catch (const c10::Error& e) {
    warn(e.what_without_backtrace());
  } catch (const std::exception& e) {
    warn(e.what());
  }
}

void Trainer::prepare() { session_.prepare_texts(prompts_to_come(session_, done_.update)); }

bool Trainer::record(nlohmann::ordered_json row, Records& records) {
  const int64_t every = session_.config().train.eval_every;
  nlohmann::ordered_json validated = row;
  try {
    if (every > 0 && done_.update % every == 0) validate(validated);
  } catch (const Interrupted&) {
    done_.unvalidated = row.dump();
    return false;
  }
  records.write(validated);
  return true;
}

bool Trainer::run(const std::function<void(const UpdateStats&)>& after) {
  for (const auto& [found, remedy] : session_.flow().step_warnings())
    log_warning("flow", found, "; ", remedy);
  prepare();
  Records records;
  if (directory_) {
    // The line of an update that was not validated may be there: a kill came before its checkpoint said so.
    const int64_t written = done_.update - (done_.unvalidated.empty() ? 0 : 1);
    records.metrics = std::make_unique<MetricsFile>(directory_->file("metrics.jsonl"), written);
    records.events = std::make_unique<EventFile>(directory_->folder(), done_.update > 0 ? written + 1 : 0);
  }
  schedule_.saved();  // minutes count from here
  try {
    return run_updates(records, after);
  } catch (const Error& e) {
    save_before_end(e.kind() == ErrorKind::kNumerics ? learnt_ : image());
    throw;
  } catch (...) {
    save_before_end(image());
    throw;
  }
}

bool Trainer::run_updates(Records& records, const std::function<void(const UpdateStats&)>& after) {
  const RunConfig& config = session_.config();
  const TrainConfig& c = config.train;
  if (c.eval_every > 0 && directory_) {
    validation_setup_ = digest(concat(questions_text(session_.held_out_set()), config.eval.prompts, " ",
                                      config.eval.seeds, digest_of(session_.held_out_set(), directory_)));
    best_ = directory_->best_reward(validation_setup_);
  }
  if (!done_.unvalidated.empty()) {  // what an interrupt kept from the last update
    std::string problem;
    const auto row = parse_ordered_json(done_.unvalidated, problem);
    done_.unvalidated.clear();
    if (row.is_object() && row.contains("update") && !record(row, records)) return false;
    saved_ = -1;
    save(image());
  }
  Progress progress("training", c.updates, done_.update);
  while (done_.update < c.updates) {
    UpdateStats stats;
    try {
      stats = update();
    } catch (const Interrupted&) {  // the update is begun again on resume, from the same noise
      session_.flow().guide_norms().set_values(done_.guide_norms);
      save(image());
      return false;
    }
    const bool recorded = record(to_json(stats), records);
    if (after) after(stats);
    progress.update(done_.update, summary(stats));
    if (done_.skipped_in_a_row > c.max_skipped) {
      fail(ErrorKind::kNumerics, "training: ", done_.skipped_in_a_row,
           " updates in a row gave non-finite rewards or gradients; the last checkpoint is untouched. Lower "
           "train.lr or "
           "train.clip, or use a wider dtype");
    }
    if (done_.update == c.updates && done_.skipped_in_a_row == c.updates) {
      fail(ErrorKind::kNumerics,
           "training: every update gave non-finite rewards or gradients; nothing was learnt");
    }
    const bool stop = interrupted();
    if (stop || done_.update == c.updates || schedule_.due(done_.update)) save(image());
    if (stop && (done_.update < c.updates || !recorded)) return false;
  }
  return true;
}

}  // namespace drf::train
