#pragma once
// The generator as the flow and the samplers drive it: a batch of prompts read once a rollout, then guided
// velocities with the adapters trained, frozen or off.
//
// Shape letters: B clips, C T H W latent channels, frames, height, width; S E text tokens, width.

#include <ATen/core/Tensor.h>

#include "drf/diffusion/guidance.h"
#include "drf/models/generator.h"

namespace drf::flow {

/// How adapters take part in a velocity.
enum class Adapters {
  kTrained,  ///< they count and get gradient
  kFrozen,   ///< they count; gradient flows to the state alone
  kOff,      ///< the base model
};

struct Guidance {
  double scale = 1;  ///< >= 1; 1 is off
  diffusion::GuidanceGradient gradient = diffusion::GuidanceGradient::kBoth;
  bool one_batch =
      false;  ///< both branches in one call of twice the batch, where both carry the same gradient
};

/// The prompts of one rollout as the generator reads them. While gradient mode is on at construction,
/// gradients of velocities gather here until pull() hands them to the adapters: the text is read and pulled
/// once, whatever K is.
class PromptContext {
 public:
  /// text_BSE; unconditional [1 or B, S, E], only read with guidance. `with_base` also reads the text with
  /// the adapters off.
  PromptContext(models::Generator& generator, const at::Tensor& text_BSE, const at::Tensor& unconditional,
                const Guidance& guidance, bool with_base);
  /// Accumulates what has gathered into the adapters and forgets it. No-op where no adapter reads text.
  void pull();

 private:
  friend class GuidedGenerator;
  models::TextContext with_graph_;  // as the adapters read it
  models::TextContext leaves_;      // the same values, where gradient gathers
  models::TextContext base_;        // as the base model reads it
  int64_t clips_, free_rows_ = 0;   // rows of the branches: first the conditional, then the unconditional
  bool has_base_;
};

class GuidedGenerator {
 public:
  /// `generator` must outlive this. Throws Error(kConfig) unless guidance.scale >= 1.
  GuidedGenerator(models::Generator& generator, const Guidance& guidance);

  PromptContext read(const at::Tensor& text_BSE, const at::Tensor& unconditional,
                     bool with_base = false) const {
    return PromptContext(generator_, text_BSE, unconditional, guidance_, with_base);
  }
  /// Guided dx/dsigma of x_BCTHW at `timestep`. With `recompute` each transformer block is run again in the
  /// backward instead of keeping its activations.
  at::Tensor velocity(const at::Tensor& x_BCTHW, double timestep, const PromptContext& prompts,
                      Adapters adapters, bool recompute = false) const;

 private:
  models::Generator& generator_;
  Guidance guidance_;
};

}  // namespace drf::flow
