#pragma once
// The folder of one run:
//   config.toml                 the resolved configuration, with the versions that ran it
//   questions.jsonl             the questions trained on
//   metrics.jsonl, events.out.tfevents.*
//   checkpoints/step-000100/    adapters.safetensors, optimizer.safetensors, state.json, rollout.safetensors
//   where
//                               later updates reuse one, and on request adapters_comfyui.safetensors
// A checkpoint appears under its name only when it is complete; a crash, an interrupt or a full disk leaves
// the earlier ones.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "drf/nn/lora_file.h"
#include "drf/train/adamw.h"
#include "drf/train/config.h"

namespace drf::train {

/// What a run needs to go on, beside adapters and optimiser.
struct CheckpointState {
  int64_t update = 0;                 ///< updates done
  int64_t skipped_in_a_row = 0;       ///< non-finite ones just before
  std::vector<double> guide_norms{};  ///< rule matching: what its clipping remembers
  /// flow.reuse: the clips of the rollout in use, one tensor a micro-batch
  std::vector<at::Tensor> finished{};
};

class RunDirectory {
 public:
  /// A new run: `folder` is made; it must be absent or empty, and stays empty until begin(). With `resume`:
  /// it must hold a run; what a crash left half-written is removed. Throws Error(kConfig) when it is not as
  /// wanted, Error(kResources) when it cannot be written.
  RunDirectory(const std::filesystem::path& folder, bool resume);

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path file(const std::string& name) const { return folder_ / name; }

  /// A new run: writes config.toml, and questions.jsonl if `questions` is not empty. A resumed one:
  /// Error(kConfig) if `config` differs from the config.toml found in a key that would change what is learnt
  /// (how long to train, how often to save or evaluate, and where the run lies may change) or ends before
  /// what the run has done; then config.toml is written anew. `config` also says in which forms save() writes
  /// adapters.
  void begin(const RunConfig& config, const std::string& questions);

  /// Writes checkpoints/step-NNNNNN aside and renames it. An older one of the same step is replaced.
  /// Throws Error(kResources); earlier checkpoints are untouched then.
  void save(const CheckpointState& state, nn::Module& model, const AdamW& optimizer,
            const nn::LayerNames& names = {});
  /// Fills adapters (in place, to the same bits) and optimiser from the last complete checkpoint; a run that
  /// ended before its first one starts over: update 0, nothing filled. The model's adapters must be attached
  /// already. Throws Error(kInput) for a damaged checkpoint or adapters that are not the run's.
  CheckpointState load(nn::Module& model, AdamW& optimizer, const nn::LayerNames& names = {}) const;

  /// The folder of the last complete checkpoint.
  std::optional<std::filesystem::path> latest() const;
  /// The adapters of the last complete checkpoint. Throws Error(kConfig) if there is none.
  std::filesystem::path adapters() const;

 private:
  std::filesystem::path checkpoints() const { return folder_ / "checkpoints"; }
  std::filesystem::path folder_;
  bool resume_;
  bool comfyui_ = false;
};

}  // namespace drf::train
