#pragma once
// The folder of one run:
//   config.toml                 the resolved configuration, with the versions that ran it
//   inputs.json                 what the files that it reads held (run_inputs.h)
//   questions.jsonl             the questions trained on, and those of the same file that are not
//   answers.jsonl, dropped.jsonl   where a language model wrote them: what it answered, what was not kept
//   metrics.jsonl, events.out.tfevents.*
//   demo.json                   of a demo: what it goes on with beside the run (cli/demo_progress.h)
//   base_clips.safetensors      what validations compare with: measures of the base model's clips
//   checkpoints/step-000100/    what is trained (trained_files.h), optimizer.safetensors, state.json, a file
//                               each of what the objective and the rewards remember (tensor/state.h)
//   checkpoints/best/           the same of the best validation (train/best_checkpoint.h)
//   .lock                       while the run lives: one process at a time
// config.toml makes a folder a run: what a kill before that leaves is cleared by the next start. A checkpoint
// appears under its name only when it is complete (checkpoint_folder.h); a crash, an interrupt or a full disk
// leaves the earlier ones.

#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "drf/base/file_lock.h"
#include "drf/run/checkpoint_folder.h"
#include "drf/run/config.h"
#include "drf/run/run_inputs.h"
#include "drf/run/trained_files.h"
#include "drf/tensor/saved_state.h"

namespace drf::run {

/// Files in a run's folder of questions that are written when it begins (writer/answer_cache.h, draft.h).
inline constexpr const char* kAnswersFile = "answers.jsonl";
inline constexpr const char* kDroppedFile = "dropped.jsonl";
/// What a demo goes on with beside the run (cli/demo_progress.h).
inline constexpr const char* kDemoFile = "demo.json";
/// What validations compare with (train/base_clips.h).
inline constexpr const char* kBaseClipsFile = "base_clips.safetensors";

/// A resumed run keeps what keys meant that the version which began it did not know, where `config` does not
/// give them: sampling.schedule was "diffusers". Says so in the log. `run_config` is the run's config.toml.
void keep_older_meanings(RunConfig& config, const std::filesystem::path& run_config);

class RunDirectory {
 public:
  /// A new run: `folder` is made; it must be absent, empty, or hold nothing but what a kill before begin()
  /// left, and stays empty until begin(). With `resume`: it must hold a run; what a crash left half-written
  /// is removed. Locked until destroyed. Throws Error(kConfig) when it is not as wanted or in use by another
  /// process, Error(kResources) when it cannot be written.
  RunDirectory(const std::filesystem::path& folder, bool resume);
  /// Removes a run folder with all it holds, if there is one. Throws Error(kConfig) while it is in use.
  static void remove(const std::filesystem::path& folder);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path file(const std::string& name) const { return folder_ / name; }

  /// A resumed run, before long work: Error(kConfig) that names the first difference if what `config` reads
  /// is not what it was when the run began. With `accept_changes` the differences are logged instead, and
  /// begin() records what is there now. A run of a version that recorded nothing is taken as it is, with a
  /// warning.
  void check_inputs(const RunConfig& config, bool accept_changes);

  /// A new run: writes inputs.json, config.toml, and questions.jsonl if `questions` is not empty. A resumed
  /// one: Error(kConfig) if `config` differs from the config.toml found in a key that would change what is
  /// learnt (how long to train, how often to save or evaluate, and where the run lies may change), if
  /// `questions` are not those of questions.jsonl, or if it ends before what the run has done; then the three
  /// files are written anew where they differ. `config` also says how many checkpoints are kept. `machine`:
  /// what runs it, in words, for config.toml's first line; "" = nothing is said.
  void begin(const RunConfig& config, const std::string& questions, const std::string& machine = "");

  /// Digest of what the models, adapters and noise that the run reads hold now; "" before begin().
  std::string models_digest() const { return inputs_ ? inputs_->models_digest() : ""; }

  /// Writes checkpoints/step-NNNNNN, in the place of an older one of the same step, and removes those that
  /// output.keep no longer keeps. `state` has visited "update", which is the step, and all else that lasts.
  /// Throws Error(kResources), naming the newest whole checkpoint, which is untouched then.
  void save(const StateImage& state, const TrainedFiles& trained);
  /// What checkpoints/best is known by.
  struct Best {
    double merit;  ///< of its validation (train/merit.h)
    bool alarmed;  ///< whether a guard raised an alarm there
    bool operator==(const Best&) const = default;
  };
  /// Writes checkpoints/best: the same, with what it is known by. `setup` says what its merit was measured
  /// on.
  void save_best(const StateImage& state, const TrainedFiles& trained, const Best& best,
                 const std::string& setup);
  /// That of checkpoints/best if it was measured on `setup`.
  std::optional<Best> best(const std::string& setup) const;

  /// Reads the newest checkpoint that is whole, and with which `walk`, which visits all that lasts, finds
  /// nothing wrong; damaged newer ones are named in a warning and renamed. Returns whether there was one: a
  /// run that ended before its first starts over. Tensors are filled once all is known to fit. Throws
  /// Error(kInput) if there are checkpoints and none can be used, for damage or because the run trains
  /// something else: what is wrong with the newest.
  bool load(const TrainedFiles& trained, const std::function<void(StateVisitor&)>& walk);

  /// The folder of the last complete checkpoint.
  std::optional<std::filesystem::path> latest() const;
  /// What checkpoints/best holds of the same; empty where there is none.
  std::vector<std::filesystem::path> best_adapters() const;
  /// The adapters of the last complete checkpoint, a file a network. Throws Error(kConfig) if there is none.
  std::vector<std::filesystem::path> adapters() const;

 private:
  bool holds_only_leftovers() const;
  void require_as_wanted() const;
  void clear_leftovers() const;
  void write(const std::string& name, const StateImage& state, const TrainedFiles& trained,
             const nlohmann::ordered_json& more);

  std::filesystem::path folder_;
  bool resume_;
  std::unique_ptr<FileLock> lock_;
  CheckpointFolder checkpoints_;
  std::optional<RunInputs> recorded_, inputs_;  // at the run's begin, and now
  bool accept_changes_ = false;
  int64_t keep_ = 0;
};

}  // namespace drf::run
