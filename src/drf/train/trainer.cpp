#include "drf/train/trainer.h"

#include <ATen/ATen.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "drf/base/digest.h"
#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/json.h"
#include "drf/base/log.h"
#include "drf/base/progress.h"
#include "drf/nn/lora.h"
#include "drf/run/metrics.h"
#include "drf/run/prompt_order.h"
#include "drf/run/tensorboard.h"
#include "drf/tensor/machine.h"
#include "drf/train/clip_norm.h"
#include "drf/train/lessons.h"
#include "drf/train/lr_schedule.h"
#include "drf/train/merit.h"
#include "drf/train/moved_parameters.h"

namespace drf::train {
namespace {

void write_events(run::EventFile& events, const nlohmann::ordered_json& row, int64_t update) {
  for (const auto& [key, value] : row.items()) {
    if (value.is_number() && key != "update") events.scalar(key, update, value.get<float>());
  }
}

void write_clips(run::EventFile& events, const run::Run& run, const std::vector<ShownPair>& shown,
                 int64_t update) {
  for (size_t i = 0; i < shown.size(); ++i) {
    const Picture clip = shown[i].gif();
    events.picture(concat("clips/", i), update, clip.bytes, clip.height, clip.width);
    events.text(concat("answers/", i), update, in_words(run, shown[i]));
  }
}

// The prompts of a set and the models, to tell a rollout or a reward by them from one by others.
std::string digest_of(const run::PromptSet& set, const run::RunDirectory* directory) {
  std::string text = directory ? directory->models_digest() + "\n" : "";
  for (const std::string& prompt : set.prompts) text += prompt + "\n";
  return digest(text);
}

}  // namespace

struct Trainer::Records {
  std::unique_ptr<run::MetricsFile> metrics;
  std::unique_ptr<run::EventFile> events;
  bool failing = false;

  // A line that cannot be written is no reason to stop; said once for as long as it lasts. `shown`: the clips
  // that its validation shows.
  void write(const nlohmann::ordered_json& row, const run::Run& run, const std::vector<ShownPair>& shown) {
    try {
      const auto update = row.at("update").get<int64_t>();
      if (metrics) metrics->append(row);
      if (events) write_events(*events, row, update);
      if (events) write_clips(*events, run, shown, update);
      failing = false;
    } catch (const Error& e) {
      if (!failing) log_warning("metrics", e.what(), "; training goes on without these lines");
      failing = true;
    }
  }
};

namespace {

// Where what is trained goes, with its average if there is one.
run::TrainedFiles files_of(run::Run& run, const run::Average* average) {
  const std::vector<models::Component> networks = run.denoiser().components();
  const std::string& name = networks.front().name;
  const run::RunConfig& c = run.config();
  run::TrainedFiles files =
      c.train.weights == "full"
          ? run::TrainedFiles::of_weights(run.trained(), name,
                                          std::filesystem::path(c.generator.path) / name / "config.json")
          : run::TrainedFiles::of_adapters(networks, c.output.comfyui, run.sigma_max());
  if (average) files.keep(run.trained(), *average);
  return files;
}

std::vector<Watched> watched_of(const run::RunConfig& config, const std::string& merit) {
  return config.train.eval_every > 0 ? watched_by(config, merit) : std::vector<Watched>();
}

int64_t validations_of(const run::RunConfig& config) {
  return config.train.eval_every > 0 ? config.train.updates / config.train.eval_every : 0;
}

}  // namespace

Trainer::Trainer(run::Run& run, run::RunDirectory* directory, Seconds clock)
    : run_(run),
      average_(run.config().train.ema > 0
                   ? std::make_unique<run::Average>(run.trained(), run.config().train.ema)
                   : nullptr),
      trained_(files_of(run, average_.get())),
      directory_(directory),
      schedule_(run.config().train.checkpoint_every, run.config().train.checkpoint_minutes, clock),
      guards_(guards_of(run.config())),
      merit_(run.config().train.eval_every > 0 ? train::merit_of(run.config(), run.prompts()) : ""),
      trends_(watched_of(run.config(), merit_), validations_of(run.config())),
      levels_(watched_of(run.config(), merit_), validations_of(run.config())),
      peak_(PeakRates(run.config(), run.device()), clock) {
  const run::TrainConfig& c = run.config().train;
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
  const run::RunConfig& c = run_.config();
  const auto prompts = static_cast<int64_t>(run_.prompts().train.prompts.size());
  const int64_t number = update_;  // from 0
  for (const at::Tensor& p : parameters_) p.mutable_grad() = at::Tensor();
  run_.parts().scorer.forget();

  const double clips = static_cast<double>(c.train.batch * c.train.accumulate);
  BatchSums sums(c.train.accumulate, clips, /*by_name=*/!c.rewards.empty());
  const auto batch_of = [&](int64_t m) {
    flow::Batch batch = run_.batches().of(rewards::Split::kTrain, run::clips_of_update(c, prompts, number, m),
                                          Purpose::kNoise, number, m);
    batch.exact_d_xK = false;
    for (rewards::Sample& sample : batch.samples) sample.view = number;
    return batch;
  };
  if (run_.objective().gathers())
    for (int64_t m = 0; m < c.train.accumulate; ++m) run_.objective().gather(batch_of(m));
  for (int64_t m = 0; m < c.train.accumulate; ++m) {
    const objectives::Outcome outcome = run_.objective().accumulate(batch_of(m), -1.0 / clips);
    sums.add(outcome);
    sums.add_teachers(show_teachers(run_, outcome.judgement, number, sums.costs()));
  }
  if (c.robust.adapters > 0) {
    const MovedParameters moved(parameters_, c.robust.adapters);
    for (int64_t m = 0; m < c.train.accumulate; ++m)
      sums.add_costs(run_.objective().accumulate(batch_of(m), -1.0 / clips).costs);
  }
  UpdateStats stats = sums.stats();
  if (c.train.adapter_norm > 0) {
    for (const models::Component& network : run_.denoiser().components())
      stats.penalties["adapter_norm"] += nn::pull_adapters(*network.root, c.train.adapter_norm);
  }
  stats.update = number + 1;
  stats.lr = learning_rate({c.train.lr, c.train.warmup, c.train.lr_final, c.train.updates}, number);
  stats.grad_norm = clip_grad_norm(parameters_, c.train.clip);
  stats.skipped = !std::isfinite(stats.reward) || !std::isfinite(stats.grad_norm);
  moving_ = true;
  if (!stats.skipped) {
    optimizer_->step(stats.lr);
    if (average_) average_->update();
    let_learn(run_, stats.costs);
    if (c.train.eval_every > 0) trends_.learn(stats.reward);
  }
  moving_ = false;
  stats.figures = run_.parts().scorer.figures();

  run_.objective().commit(stats.skipped);
  ++update_;
  skipped_in_a_row_ = stats.skipped ? skipped_in_a_row_ + 1 : 0;
  unvalidated_.clear();
  wait_for(run_.device());  // or the next update pays for this one's last step
  stats.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return stats;
}

void Trainer::state(StateVisitor& v) {
  v("update", update_);
  v("skipped_in_a_row", skipped_in_a_row_);
  if (v.reads() && skipped_in_a_row_ < 0) v.reject("skipped_in_a_row", "is below 0; the file was edited");
  v("unvalidated", unvalidated_);
  v("stopped_early", stopped_early_, 0);
  trends_.state(v);
  levels_.state(v);
  v("rollout_of", made_by_);
  run_.objective().state(v, update_);
  v.file("optimizer");
  optimizer_->state(v);
  run_.parts().scorer.state(v);
}

StateImage Trainer::image() {
  StateImage image;
  state(image);
  return image;
}

void Trainer::resume() {
  DRF_CHECK(directory_ != nullptr);
  const bool loaded = directory_->load(trained_, [this](StateVisitor& v) { state(v); });
  saved_ = loaded ? update_ : -1;
  const std::string before = std::exchange(made_by_, digest_of(run_.prompts().train, directory_));
  const bool same = before.empty() || before == made_by_ ||
                    before == digest_of(run_.prompts().train, nullptr);  // as older versions wrote it
  if (!same && !run_.parts().scorer.learners().empty()) {
    fail(ErrorKind::kConfig,
         "prompts or models are not those that the run began with, and a reward that learns remembers clips "
         "and values of those: restore them, or start a new run");
  }
  if (!same && run_.objective().forget_clips())
    log_warning("resume", "prompts or models are others: the rollout that updates went on with is given up");
  learnt_ = image();
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

Evaluation Trainer::measure_shown(nlohmann::ordered_json& row) {
  if (!has_ranges_) {
    guards_.add(guards_of(validation_->base().values));
    trends_.start_from(measures_of(validation_->base()));
    levels_.start_from(validation_->base().by_prompt);
    has_ranges_ = true;
  }
  const nn::TrainableSet& trained = run_.trained();
  const auto scope =
      trained.with(average_ ? average_->values() : trained.standing(nn::TrainableSet::Take::kAsTheyStand));
  return validation_->measure(row);
}

void Trainer::surviving(const std::function<void()>& part) const {
  const auto warn = [&](const std::string& what) {
    log_warning("validation", "after update ", update_, ": ", what, "; training goes on");
  };
  try {
    part();
  } catch (const Interrupted&) {
    throw;
  } catch (const c10::Error& e) {
    warn(e.what_without_backtrace());
  } catch (const std::exception& e) {
    warn(e.what());
  }
}

std::optional<double> Trainer::validate(nlohmann::ordered_json& row) {
  std::optional<double> merit;
  surviving([&] {
    const double reward = measure_shown(row).reward.mean, found = row.at(merit_).get<double>();
    for (const auto& [name, value] :
         {std::pair<std::string, double>{"the held-out reward", reward}, {merit_, found}})
      if (!std::isfinite(value)) fail(ErrorKind::kNumerics, name, " is not finite");
    merit = found;
  });
  return merit;
}

bool Trainer::record(nlohmann::ordered_json row, Records& records) {
  const int64_t every = run_.config().train.eval_every;
  nlohmann::ordered_json validated = row;
  std::optional<double> merit;
  try {
    if (every > 0 && update_ % every == 0) merit = validate(validated);
  } catch (const Interrupted&) {
    unvalidated_ = row.dump();
    return false;
  }
  guards_.watch(validated);
  const bool measured = validation_ && validated.contains("held_out_reward");
  const auto prompts_say_lower = [&](const std::string& measure) {
    return levels_.prompts_say_lower(measure, validation_->by_prompt());
  };
  const bool falls = measured && trends_.watch(validated, prompts_say_lower),
             fell = measured && levels_.watch(validated, validation_->by_prompt());
  if (merit) {
    const bool alarmed = std::any_of(validated.items().begin(), validated.items().end(),
                                     [](const auto& item) { return item.key().starts_with("alarm/"); });
    surviving([&] {
      best_.offer(
          {*merit, alarmed}, [this] { return image(); }, trained_);
    });
  }
  if ((falls || fell) && run_.config().train.early_stop) {
    stopped_early_ = 1;
    log_warning("train", "train.early_stop ends the run after update ", update_, ": the reward rises while ",
                merit_, " falls; checkpoints/best, the best by that, is the one to take");
  }
  records.write(validated, run_, measured ? validation_->shown() : std::vector<ShownPair>());
  return true;
}

bool Trainer::run(const std::function<void(const UpdateStats&)>& after) {
  for (const auto& [found, remedy] : run_.objective().step_warnings())
    log_warning("flow", found, "; ", remedy);
  if (made_by_.empty()) made_by_ = digest_of(run_.prompts().train, directory_);
  if (start_learners(run_)) {  // it may have taken hours
    saved_ = -1;
    save(image());
  }
  Records records;
  if (directory_) {
    // The line of an update that was not validated may be there: a kill came before its checkpoint said so.
    const int64_t written = update_ - (unvalidated_.empty() ? 0 : 1);
    records.metrics = std::make_unique<run::MetricsFile>(directory_->file("metrics.jsonl"), written);
    records.events = std::make_unique<run::EventFile>(directory_->folder(), update_ > 0 ? written + 1 : 0);
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
  const run::RunConfig& config = run_.config();
  const run::TrainConfig& c = config.train;
  const std::string asked = c.eval_every > 0 ? asked_text(config, run_.prompts()) : "";
  std::string validation_setup;  // what the merit is measured on
  if (c.eval_every > 0 && directory_) {
    std::string judges;
    for (const flow::Term& term : run_.parts().scorer.terms())
      if (term.role == flow::Role::kJudges) judges += " " + term.name;
    // Of p_right/held_out it hangs on the questions as well, or one of others would be the bar.
    const std::string merit = merit_ == "p_right/held_out" ? concat(" ", merit_, " ", asked) : "";
    validation_setup =
        digest(concat(run::questions_text(run_.prompts().held_out), config.eval.prompts, " ",
                      config.eval.seeds, digest_of(run_.prompts().held_out, directory_), judges, merit));
    best_.begin(directory_, validation_setup);
  }
  if (c.eval_every > 0) {
    const std::string setup = asked.empty() ? validation_setup : digest(validation_setup + asked);
    validation_ = std::make_unique<Validation>(run_, directory_, setup);
    trends_.begin(setup);
    levels_.begin(setup);
  }
  if (!unvalidated_.empty()) {  // what an interrupt kept from the last update
    std::string problem;
    const auto row = parse_ordered_json(unvalidated_, problem);
    unvalidated_.clear();
    if (row.is_object() && row.contains("update") && !record(row, records)) return false;
    saved_ = -1;
    save(image());
  }
  if (!c.early_stop) stopped_early_ = 0;
  if (stopped_early()) log_info("train", "train.early_stop ended the run after update ", update_);
  Progress progress("training", c.updates, update_);
  while (update_ < c.updates && !stopped_early()) {
    UpdateStats stats;
    try {
      stats = update();
    } catch (const Interrupted&) {  // the update is begun again on resume, from the same noise
      save(image());
      return false;
    }
    if (directory_) stats.share_of_peak = peak_.share(stats.costs, stats.seconds);
    const bool recorded = record(to_json(stats), records);
    if (!stats.skipped) learnt_ = image();  // with what the validation left
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
    const bool last = update_ == c.updates || stopped_early();
    if (stop || last || schedule_.due(update_)) save(image());
    if (stop && (!last || !recorded)) return false;
  }
  return true;
}

}  // namespace drf::train
