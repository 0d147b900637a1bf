#pragma once
// The generator as the flow and the samplers drive it: a batch of prompts read once a rollout, then
// velocities as what is trained stands, detached or by the model as it was read, guided or branch by branch.
//
// Shape letters: B clips, C T H W latent channels, frames, height, width.

#include <ATen/core/Tensor.h>

#include "drf/diffusion/guidance.h"
#include "drf/flow/gradient_scale.h"
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

/// The prompts of one rollout as the generator reads them with what is trained. While gradient mode is on at
/// construction, gradients of velocities gather here until pull() hands them to the adapters: the text is
/// read and pulled once, whatever K is.
class PromptContext {
 public:
  /// One condition a clip; the unconditional one, of one row, is only read with guidance. `with_base`: the
  /// model as it was read reads them too.
  PromptContext(models::Denoiser& denoiser, const nn::TrainableSet& trained,
                const std::vector<models::Condition>& conditions, const models::Condition& unconditional,
                const Guidance& guidance, bool with_base);
  /// Accumulates what has gathered into the adapters and forgets it. No-op where no adapter reads text.
  void pull();
  /// Whether the model computes in a half type: backwards through it are scaled (gradient_scale.h).
  bool is_half() const { return is_half_; }
  /// What gradient gathers for. In half types the sums are float32 and the leaves' .grad stays empty; else
  /// gradients gather in the leaves' own .grad.
  std::vector<LeafGradient>& gathered() { return gathered_; }

 private:
  friend class GuidedGenerator;
  const nn::TrainableSet& trained_;
  std::function<models::Condition()> read_;
  models::Condition with_graph_;        // as the adapters read it
  models::Condition leaves_;            // the same values, where gradient gathers
  std::vector<LeafGradient> gathered_;  // one a tensor of leaves_
  models::Condition base_;              // as the base model reads it
  int64_t clips_, free_rows_ = 0;       // rows of the branches: first the conditional, then the unconditional
  bool has_base_, is_half_;
};

/// What stands in a set with the gradient that it has, which is taken from it until it is put back.
class SetAside {
 public:
  explicit SetAside(const nn::TrainableSet& trained);
  ~SetAside();  ///< .grad = sum
  SetAside(const SetAside&) = delete;
  SetAside& operator=(const SetAside&) = delete;
  std::vector<LeafGradient>& leaves() { return leaves_; }

 private:
  std::vector<LeafGradient> leaves_;
};

class GuidedGenerator {
 public:
  /// `denoiser` and `trained`, what is trained of it, must outlive this. Throws Error(kConfig) unless
  /// guidance.scale >= 1.
  GuidedGenerator(models::Denoiser& denoiser, const nn::TrainableSet& trained, const Guidance& guidance);

  PromptContext read(const std::vector<models::Condition>& conditions, const models::Condition& unconditional,
                     bool with_base = false) const {
    return PromptContext(denoiser_, trained_, conditions, unconditional, guidance_, with_base);
  }
  /// Guided dx/dsigma of x_BCTHW at `timestep`. No graph.
  at::Tensor velocity(const at::Tensor& x_BCTHW, double timestep, const PromptContext& prompts,
                      Take take) const;

  /// The branches' own dx/dsigma, with a graph where gradient mode is on. With `recompute` each transformer
  /// block is run again in the backward instead of keeping its activations.
  Branches branches(const at::Tensor& x_BCTHW, double timestep, const PromptContext& prompts, Take take,
                    Which which, bool recompute = false) const;
  /// The guided velocity of both branches (of the one there is at guidance 1).
  at::Tensor guided(const Branches& v) const;
  /// From d objective / d guided velocity to each branch's; undefined for one that gets none.
  Branches pull_guided(const at::Tensor& d_v) const;

  /// The calls that pull velocities, in order: both branches at once with one_batch, else one after the
  /// other, so that one graph is there at a time. `each`: every branch has an objective of its own; else
  /// those that pull_guided gives a gradient.
  std::vector<Which> calls(bool each) const;
  int64_t branch_count() const { return guidance_.scale == 1 ? 1 : 2; }
  const nn::TrainableSet& trained() const { return trained_; }

 private:
  models::Denoiser& denoiser_;
  const nn::TrainableSet& trained_;
  Guidance guidance_;
};

}  // namespace drf::flow
