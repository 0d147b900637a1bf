#pragma once
// What the oracle of a world says of one model's clips, and how two models differ in it.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "drf/cli/demo_worlds.h"
#include "drf/train/evaluation.h"

namespace drf::cli {

struct Verdict {
  std::vector<std::string> columns;  ///< the world's
  /// Clips in one order for every model: prompt by prompt, then the next draw of each.
  std::vector<Columns> marks;
  std::vector<int64_t> prompts;  ///< theirs: indices in the held-out ones
  train::Evaluation evaluation;
  double diversity = 0;           ///< mean distance of two clips of a prompt (clip_measures.h), over prompts
  std::vector<at::Tensor> shown;  ///< the first clips themselves, [F,3,H,W], on the CPU

  int64_t clips() const { return static_cast<int64_t>(marks.size()); }
  /// Of each column that a clip has, over the clips that have it.
  Columns means() const;
};

/// What is trained, or the base model (kReference), on the held-out prompts: the same noise each time.
Verdict judge(const ClipWorld& world, run::Run& run, nn::TrainableSet::Take take);

/// Half the 95 % interval of the mean change of each column. A prompt counts once, with the mean change of
/// its clips: what one prompt's clips share is no proof. By Student's distribution; no column that fewer than
/// five prompts have.
Columns interval_of_change(const Verdict& before, const Verdict& after);

/// Of the clips that have a column, the share that was right before (1) and is not after.
Columns made_wrong(const Verdict& before, const Verdict& after);

}  // namespace drf::cli
