#pragma once
// The training loop: prompts in a seeded shuffle, one flow a batch, clip, AdamW, metrics, checkpoints,
// resume.

#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "drf/train/adamw.h"
#include "drf/train/run_directory.h"
#include "drf/train/session.h"

namespace drf::train {

/// What one update did; metrics.jsonl has the same names.
struct UpdateStats {
  int64_t update = 0;  ///< counted from 1
  double reward = 0;   ///< mean over the update's clips, before the update
  std::map<critic::Aspect, double> by_aspect;
  double p_right = 0;    ///< mean probability of the right answer over yes/no questions
  double grad_norm = 0;  ///< of all adapters, before clipping
  double lr = 0;
  bool skipped = false;  ///< non-finite: no weight was moved
  flow::FlowStats flow;  ///< costs: over all batches of the update; the rest: of its last batch
  double seconds = 0;
};

/// One line of metrics.jsonl.
nlohmann::ordered_json to_json(const UpdateStats& stats);

class Trainer {
 public:
  /// `directory` may be null: then nothing is written.
  Trainer(Session& session, RunDirectory* directory);

  /// Continues from the directory's last complete checkpoint, to the same bits as if never interrupted.
  void resume();
  /// Reads the texts that the updates need and frees the text encoder. Throws Interrupted.
  void prepare();
  /// Until config.train.updates, prepared or not. Calls `after` (if set) after each update. Returns false if
  /// interrupted (SIGINT, SIGTERM): the state is then saved. Throws Error(kNumerics) after train.max_skipped
  /// skipped updates in a row.
  bool run(const std::function<void(const UpdateStats&)>& after = {});

  int64_t updates_done() const { return update_; }

 private:
  UpdateStats update();
  void save();
  /// Rewards of the held-out prompts as they stand now (train.eval_every).
  void add_held_out(nlohmann::ordered_json& row);

  Session& session_;
  RunDirectory* directory_;
  std::vector<at::Tensor> parameters_;
  std::unique_ptr<AdamW> optimizer_;
  int64_t update_ = 0, skipped_in_a_row_ = 0;
  std::vector<at::Tensor> finished_;  // flow.reuse: clips of the rollout in use, one tensor a micro-batch
};

}  // namespace drf::train
