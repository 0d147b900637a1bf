#pragma once
// From a batch to the gradient of what is trained: one way of it is one class here, and nothing else knows
// which one a run has (docs/architecture.md).

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "drf/diffusion/step_sizes.h"
#include "drf/flow/batch.h"
#include "drf/flow/scorer.h"
#include "drf/flow/stage_clock.h"
#include "drf/tensor/state.h"

namespace drf::objectives {

class Replay;

/// L2 norms of the gradient on its way.
struct Norms {
  double d_frames = 0, d_x0 = 0;
  std::vector<double> d_x;     ///< after pulling the last step, the one before, ...; the last is d_xK's
  std::vector<double> guides;  ///< matching: dR/dx_0 of each clip before clipping
};

/// What one batch came to.
struct Outcome {
  flow::Judgement judgement;  ///< of several draws: values are means over them, tensors the last one's
  at::Tensor x_K, d_xK;       ///< the first state that trains and its gradient, where there is one
  std::map<std::string, double> penalties;  ///< by their names in metrics.jsonl; means over clips
  Norms norms;
  std::map<std::string, flow::StageCost> costs;  ///< by flow::stage_names()
};

class Objective {
 public:
  virtual ~Objective() = default;
  /// Adds `scale` times the gradient of what it climbs, summed over the batch's clips, to .grad of what is
  /// trained, and changes nothing that lasts: an interrupted update never was. The batches of an update come
  /// in the order of their `micro`. Training passes -1 / (clips of an update). Throws Interrupted, and
  /// Error(kNumerics) where a reward that has a gradient gives none.
  virtual Outcome accumulate(const flow::Batch& batch, double scale) = 0;
  /// Whether what it climbs of one batch hangs on the others of its update. Then all of them are shown to
  /// gather(), in the same order, before the first is accumulated; a batch that was not shown is taken for a
  /// whole update.
  virtual bool gathers() const { return false; }
  virtual void gather(const flow::Batch& /*batch*/) {}
  /// What it holds of a batch in the host's memory until the update is over, beside what accumulating it
  /// takes.
  virtual int64_t held_bytes(const flow::Batch& /*batch*/) const { return 0; }
  /// The update is over: what must be remembered of its batches is. `skipped`: its gradient was not finite,
  /// and nothing was learnt from it.
  virtual void commit(bool /*skipped*/) {}
  /// Gives up clips it remembers, since other prompts or models would make others. Returns whether it had
  /// any.
  virtual bool forget_clips() { return false; }
  /// What lasts, after `updates` updates.
  virtual void state(StateVisitor& /*v*/, int64_t /*updates*/) {}

  /// Steps that train and move too little to teach anything (diffusion/step_sizes.h).
  virtual std::vector<diffusion::StepWarning> step_warnings() const = 0;
  /// Why .grad is not the reward's gradient, or what is held constant in it; empty: it is. For check/.
  virtual std::string inexact() const { return {}; }
  /// For finite differences; null where .grad is not that of a reward at all.
  virtual const Replay* replay() const { return nullptr; }
};

}  // namespace drf::objectives
