#pragma once
// The training loop: prompts in a seeded shuffle, an objective a batch, clip, AdamW, metrics, checkpoints,
// resume.

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "drf/nn/adamw.h"
#include "drf/run/run.h"
#include "drf/run/run_directory.h"
#include "drf/run/trained_files.h"
#include "drf/tensor/saved_state.h"
#include "drf/train/best_checkpoint.h"
#include "drf/train/checkpoint_schedule.h"
#include "drf/train/evaluation.h"
#include "drf/train/guards.h"
#include "drf/train/level_guard.h"
#include "drf/train/share_of_peak.h"
#include "drf/train/trend_guard.h"
#include "drf/train/update_stats.h"
#include "drf/train/validation.h"

namespace drf::train {

class Trainer {
 public:
  /// `directory` may be null: then nothing is written. `clock` is what train.checkpoint_minutes goes by.
  Trainer(run::Run& run, run::RunDirectory* directory, Seconds clock = steady_seconds);

  /// Continues from the directory's newest usable checkpoint, to the same bits as if never interrupted. If
  /// what the run reads was changed on purpose, a rollout that flow.reuse would go on with is given up.
  void resume();
  /// Until config.train.updates, or until train.early_stop ends it: see stopped_early(). Calls `after` (if
  /// set) after each update. Returns false if interrupted (SIGINT, SIGTERM): the state is then saved.
  /// Whatever it throws, the last finished update is saved first, and the log says where: Error(kNumerics)
  /// after train.max_skipped skipped updates in a row (saved: the last that was not skipped),
  /// Error(kResources) when a checkpoint cannot be written, and what an update throws, out of memory above
  /// all. A validation that fails, and a line of metrics.jsonl that cannot be written, are warnings.
  bool run(const std::function<void(const UpdateStats&)>& after = {});

  int64_t updates_done() const { return update_; }
  /// Whether the run ended because the reward rose while the merit of validations (merit.h) fell; a resumed
  /// one ends again at once, unless train.early_stop is off now.
  bool stopped_early() const { return stopped_early_ != 0; }

 private:
  struct Records;  // metrics.jsonl and TensorBoard's events
  UpdateStats update();
  bool run_updates(Records& records, const std::function<void(const UpdateStats&)>& after);
  /// Validates where it is due and writes the line; false if a signal came meanwhile: resume() then makes up
  /// for it.
  bool record(nlohmann::ordered_json row, Records& records);
  /// Rewards of the held-out prompts as they stand now, of the average where there is one
  /// (train.eval_every), and their merit if all is finite. Throws Interrupted.
  std::optional<double> validate(nlohmann::ordered_json& row);
  /// A part of a validation: what goes wrong in it is a warning, but for Interrupted.
  void surviving(const std::function<void()>& part) const;
  /// What is trained as it is now, or its average where there is one, on the held-out prompts, into the line.
  Evaluation measure_shown(nlohmann::ordered_json& row);
  /// All that lasts beside what is trained (tensor/state.h).
  void state(StateVisitor& v);
  StateImage image();
  void save(const StateImage& state);
  /// The same where the run is about to end by an exception: says so, throws nothing.
  void save_before_end(const StateImage& state) noexcept;

  run::Run& run_;
  std::unique_ptr<run::Average> average_;  // null without train.ema
  run::TrainedFiles trained_;
  run::RunDirectory* directory_;
  std::vector<at::Tensor> parameters_;
  std::unique_ptr<nn::AdamW> optimizer_;
  CheckpointSchedule schedule_;
  Guards guards_;
  const std::string
      merit_;  // what the best checkpoint is the best of, and train.early_stop goes by (merit.h)
  TrendGuard trends_;
  LevelGuard levels_;
  PeakWatch peak_;
  std::unique_ptr<Validation> validation_;  // once run() has begun, with train.eval_every
  bool has_ranges_ = false;                 // whether guards_ has those of the base model's clips
  int64_t update_ = 0;                      // updates done
  int64_t skipped_in_a_row_ = 0;            // non-finite ones just before
  int64_t stopped_early_ = 0;               // 1: train.early_stop has ended the run
  std::string unvalidated_;  // the update's line of metrics.jsonl, if its validation was interrupted
  std::string made_by_;      // digest of the prompts and models that remembered clips are of
  StateImage learnt_;    // after the last update that was not skipped: what is trained has not moved since
  int64_t saved_ = -1;   // the update of the newest checkpoint that says what done_ says
  bool moving_ = false;  // while an update moves weights
  bool save_failed_ = false;
  BestCheckpoint best_;
};

}  // namespace drf::train
