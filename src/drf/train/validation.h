#pragma once
// What a run measures of itself every train.eval_every updates, always on the same held-out prompts and
// noise: the rewards and judges, the questions that are never trained on, what the clips look like beside the
// base model's, and how far what is trained has come from it. Changes no number of the run.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drf/run/run.h"
#include "drf/run/run_directory.h"
#include "drf/train/base_clips.h"
#include "drf/train/evaluation.h"
#include "drf/train/guards.h"
#include "drf/train/shown_clips.h"

namespace drf::train {

/// The ranges of the base model's clips (ranges.h), as guards of a validation's line: "held_out_motion".
std::vector<Guard> guards_of(const ClipRecord::Values& base);

class Validation {
 public:
  /// What it is given must outlive it; `directory` may be null. `setup`: what is measured on, as a digest.
  Validation(run::Run& run, const run::RunDirectory* directory, std::string setup)
      : run_(run), directory_(directory), setup_(std::move(setup)) {}

  /// The base model's clips, made the first time (base_clips.h).
  const BaseClips& base();
  /// What stands in the slots now, into the line of its update (docs/cli.md). Throws as evaluate().
  /// Where there is a folder it also shows the first clips there: samples/ and evaluation.json. What goes
  /// wrong with those is a warning.
  Evaluation measure(nlohmann::ordered_json& row);
  /// What the last measure() found, prompt by prompt.
  const PromptMeans& by_prompt() const { return by_prompt_; }
  /// The clips that the last measure() showed.
  const std::vector<ShownPair>& shown() const { return shown_; }

 private:
  void show_clips(const std::vector<int64_t>& prompts, const at::Tensor& frames_BF3HW);
  void write_clips(const nlohmann::ordered_json& row);
  /// Does it unless that failed before in this measure(); a failure is a warning.
  void try_to_show(const std::function<void()>& action);

  run::Run& run_;
  const run::RunDirectory* directory_;
  std::string setup_;
  std::optional<BaseClips> base_;
  std::vector<Shown> base_shown_;  // of the first held-out prompts
  std::vector<ShownPair> shown_;
  PromptMeans by_prompt_;
  bool cannot_show_ = false;
};

}  // namespace drf::train
