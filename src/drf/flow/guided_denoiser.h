#pragma once
// The denoiser as the flow and the samplers drive it: a batch of conditions read once a rollout, then
// velocities as what is trained stands, detached or by the model as it was read, guided or branch by branch.
//
// Shape letters: B clips, C T H W latent channels, frames, height, width.

#include <ATen/core/Tensor.h>

#include "drf/diffusion/guidance.h"
#include "drf/flow/stage.h"
#include "drf/models/denoiser.h"
#include "drf/nn/trainable_set.h"

namespace drf::flow {

using Take = nn::TrainableSet::Take;

struct Guidance {
  double scale = 1;  ///< >= 1; 1 is off
  diffusion::GuidanceGradient gradient = diffusion::GuidanceGradient::kBoth;
  bool one_batch = false;  ///< both branches in one call of twice the batch
};

/// One tensor a branch of guidance. The unconditional one is undefined where there is none (guidance 1), and
/// either where it was not asked for.
struct Branches {
  at::Tensor conditional, unconditional;
};

/// What one call of the model runs.
enum class Which { kConditional, kUnconditional, kBoth };

/// How a velocity is formed.
struct Pass {
  Take take = Take::kAsTheyStand;
  nn::Graph graph = nn::Graph::kNone;
  bool recompute = false;  ///< with a graph: each block runs again in the backward
};

/// The conditions of one rollout as the model reads them with what is trained. Gradients of velocities gather
/// here until pull() hands them to what is trained: the text is read and pulled once, whatever K is.
class Prepared {
 public:
  /// One condition a clip; the unconditional one, of one row, is only read with guidance. `with_reference`:
  /// the model as it was read reads them too. `graph`: whether gradients may gather. What it is given must
  /// outlive this; `clock` may be null.
  Prepared(models::Denoiser& denoiser, const nn::TrainableSet& trained,
           const std::vector<models::Condition>& conditions, const models::Condition& unconditional,
           const Guidance& guidance, nn::Graph graph, bool with_reference, StageClock* clock);
  /// Accumulates what has gathered into what is trained and forgets it. No-op where nothing reads text.
  void pull();
  /// Whether the model computes in a half type: backwards through it are scaled (gradient_scale.h).
  bool is_half() const { return is_half_; }
  /// What gradient gathers for. In half types the sums are float32 and the leaves' .grad stays empty; else
  /// gradients gather in the leaves' own .grad.
  std::vector<LeafGradient>& gathered() { return gathered_; }
  StageClock* clock() const { return clock_; }

 private:
  friend class GuidedDenoiser;
  const nn::TrainableSet& trained_;
  StageClock* clock_;
  Stage reading_;
  models::Condition leaves_;            // as what is trained reads them, where gradient gathers
  std::vector<LeafGradient> gathered_;  // one a tensor of leaves_
  models::Condition reference_;         // as the model was read
  int64_t clips_, free_rows_;           // rows of the branches: first the conditional, then the unconditional
  bool has_reference_, is_half_;
};

/// What stands in a set with the gradient that it has, which is taken from it until it is put back.
class SetAside {
 public:
  explicit SetAside(const nn::TrainableSet& trained);
  ~SetAside();  ///< .grad = sum
  SetAside(const SetAside&) = delete;
  SetAside& operator=(const SetAside&) = delete;
  std::vector<LeafGradient*> leaves();

 private:
  std::vector<LeafGradient> leaves_;
};

class GuidedDenoiser {
 public:
  /// `denoiser` and `trained`, what is trained of it, must outlive this. Throws Error(kConfig) unless
  /// guidance.scale >= 1.
  GuidedDenoiser(models::Denoiser& denoiser, const nn::TrainableSet& trained, const Guidance& guidance);

  Prepared prepare(const std::vector<models::Condition>& conditions, const models::Condition& unconditional,
                   nn::Graph graph = nn::Graph::kNone, bool with_reference = false,
                   StageClock* clock = nullptr) const {
    return {denoiser_, trained_, conditions, unconditional, guidance_, graph, with_reference, clock};
  }
  /// Guided dx/dsigma of x_BCTHW at `timestep`. No graph.
  at::Tensor velocity(const at::Tensor& x_BCTHW, double timestep, const Prepared& prepared,
                      Take take = Take::kAsTheyStand) const;

  /// The branches' own dx/dsigma.
  Branches branches(const at::Tensor& x_BCTHW, double timestep, const Prepared& prepared, Which which,
                    const Pass& pass = {}) const;
  /// A stage of them: from x, or from nothing where `x` is defined and so a constant, to the conditional and
  /// the unconditional velocity, undefined where not asked for. `in_blocks`: where it has a graph, each block
  /// runs again in the backward. What it is given must outlive it.
  Stage velocity_stage(const at::Tensor& x, double timestep, const Prepared& prepared, Which which, Take take,
                       Recompute recompute, bool in_blocks) const;
  /// Pulls it: from d objective / d velocities (undefined: none) to d objective / d x, undefined where x is a
  /// constant. Adds to the .grad of what is trained and to what `prepared` gathers.
  at::Tensor pull(Stage& stage, const Branches& d_v, Prepared& prepared) const;

  /// The guided velocity of both branches (of the one there is at guidance 1).
  at::Tensor guided(const Branches& v) const;
  /// From d objective / d guided velocity to each branch's; undefined for one that gets none.
  Branches pull_guided(const at::Tensor& d_v) const;

  /// The calls that pull velocities, in order: both branches at once with one_batch, else one after the
  /// other, so that one graph is there at a time. `each`: every branch has an objective of its own; else
  /// those that pull_guided gives a gradient.
  std::vector<Which> calls(bool each) const;
  int64_t branch_count() const { return guidance_.scale == 1 ? 1 : 2; }
  /// Whether the gradient is that of the conditional branch alone, the rest of the guided velocity being held
  /// constant.
  bool holds_guidance() const {
    return guidance_.scale != 1 && guidance_.gradient == diffusion::GuidanceGradient::kConditional;
  }
  const nn::TrainableSet& trained() const { return trained_; }

 private:
  models::Denoiser& denoiser_;
  const nn::TrainableSet& trained_;
  Guidance guidance_;
};

}  // namespace drf::flow
