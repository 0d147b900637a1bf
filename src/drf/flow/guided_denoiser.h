#pragma once
// The denoiser as the flow and the samplers drive it: a batch of conditions read once a rollout, then
// velocities as what is trained stands, detached or by the model as it was read, guided or branch by branch.
//
// Shape letters: B clips, C T H W latent channels, frames, height, width.

#include <ATen/core/Tensor.h>

#include <cmath>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "drf/diffusion/guidance.h"
#include "drf/flow/parking.h"
#include "drf/flow/stage.h"
#include "drf/models/denoiser.h"
#include "drf/nn/trainable_set.h"

namespace drf::flow {

using Take = nn::TrainableSet::Take;

/// How the denoiser's guidance is computed; its scale is a matter of the denoiser and of time.
struct Guidance {
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

class GuidedDenoiser;

/// The conditions of one rollout as the model reads them with what is trained. Gradients of velocities gather
/// here until pull() hands them to what is trained: the text is read and pulled once, whatever K is; by each
/// network of the denoiser for itself, when its first velocity is asked for.
class Prepared {
 public:
  /// One condition a clip; the unconditional one, of one row, only where there is guidance (else empty).
  /// `with_reference`: the model as it was read reads them too, as it does where the denoiser limits what is
  /// trained. `graph`: whether gradients may gather. What
  /// it is given must outlive this, and what is trained stand as now; `clock` may be null.
  Prepared(const GuidedDenoiser& denoiser, const std::vector<models::Condition>& conditions,
           const models::Condition& unconditional, nn::Graph graph, bool with_reference, StageClock* clock);
  Prepared(const Prepared&) = delete;  // its readings refer to it
  Prepared& operator=(const Prepared&) = delete;
  /// Accumulates what has gathered into what is trained and forgets it. No-op where nothing reads text.
  void pull();
  /// Whether the model computes in a half type: backwards through it are scaled (gradient_scale.h).
  bool is_half() const { return is_half_; }
  StageClock* clock() const { return clock_; }

 private:
  friend class GuidedDenoiser;
  /// Of one network.
  struct Reading {
    Stage stage;
    models::Condition leaves;  ///< as what is trained reads them, where gradient gathers
    /// One a tensor of the leaves. In half types the sums are float32 and the leaves' .grad stays empty; else
    /// gradients gather in the leaves' own .grad.
    std::vector<LeafGradient> gathered;
    models::Condition reference;  ///< as the model was read
  };
  Reading& by(size_t component) const;
  Reading read(size_t component) const;

  const GuidedDenoiser& denoiser_;
  std::vector<models::Condition> rows_;  // the clips', then the unconditional one
  StageClock* clock_;
  int64_t clips_, free_rows_;  // rows of the branches: first the conditional, then the unconditional
  nn::Graph graph_;
  bool has_reference_, is_half_;
  mutable std::map<size_t, Reading> readings_;  // by component, the first time each is needed
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
  /// `denoiser` and `trained`, what is trained of it, must outlive this, and so must `parking`, which brings
  /// the network that a velocity needs; null: all are there. `trained_until`: for each network the largest
  /// timestep at which what is trained of it computes; above, every velocity is the model's as it was read.
  /// Empty: no such limit.
  GuidedDenoiser(models::Denoiser& denoiser, const nn::TrainableSet& trained, const Guidance& guidance,
                 const Parking* parking = nullptr, std::vector<double> trained_until = {})
      : denoiser_(denoiser),
        trained_(trained),
        guidance_(guidance),
        parking_(parking),
        trained_until_(std::move(trained_until)),
        components_(denoiser.components()) {}

  Prepared prepare(const std::vector<models::Condition>& conditions, const models::Condition& unconditional,
                   nn::Graph graph = nn::Graph::kNone, bool with_reference = false,
                   StageClock* clock = nullptr) const {
    return {*this, conditions, unconditional, graph, with_reference, clock};
  }
  /// Guided dx/dsigma of x_BCTHW at `timestep`. No graph.
  at::Tensor velocity(const at::Tensor& x_BCTHW, double timestep, const Prepared& prepared,
                      Take take = Take::kAsTheyStand) const {
    return guided(all_branches(x_BCTHW, timestep, prepared, take), timestep);
  }
  /// What it is made of. No graph.
  Branches all_branches(const at::Tensor& x_BCTHW, double timestep, const Prepared& prepared,
                        Take take = Take::kAsTheyStand) const;

  /// The branches' own dx/dsigma.
  Branches branches(const at::Tensor& x_BCTHW, double timestep, const Prepared& prepared, Which which,
                    const Pass& pass = {}) const;
  /// A stage of them: from x, or from nothing where `x` is defined and so a constant, to the conditional and
  /// the unconditional velocity, undefined where not asked for. `in_blocks`: where it has a graph, each block
  /// runs again in the backward. What it is given must outlive it.
  Stage velocity_stage(const at::Tensor& x, double timestep, const Prepared& prepared, Which which, Take take,
                       Recompute recompute, bool in_blocks) const;
  /// Pulls it, a stage at `timestep`: from d objective / d velocities (undefined: none) to d objective / d x,
  /// undefined where x is a constant. Adds to the .grad of what is trained and to what `prepared` gathers.
  at::Tensor pull(Stage& stage, double timestep, const Branches& d_v, Prepared& prepared) const;

  /// The guided velocity of both branches (of the one there is where guidance is 1).
  at::Tensor guided(const Branches& v, double timestep) const;
  /// From d objective / d guided velocity to each branch's; undefined for one that gets none.
  Branches pull_guided(const at::Tensor& d_v, double timestep) const;

  /// The calls that pull velocities, in order: both branches at once with one_batch, else one after the
  /// other, so that one graph is there at a time. `each`: every branch has an objective of its own; else
  /// those that pull_guided gives a gradient.
  std::vector<Which> calls(double timestep, bool each) const;
  int64_t branch_count(double timestep) const { return denoiser_.guidance(timestep) == 1 ? 1 : 2; }
  /// Whether the gradient is that of the conditional branch alone, the rest of the guided velocity being held
  /// constant.
  bool holds_guidance() const { return guidance_.gradient == diffusion::GuidanceGradient::kConditional; }
  const nn::TrainableSet& trained() const { return trained_; }
  /// Which of the denoiser's networks computes at `timestep`.
  size_t component(double timestep) const { return denoiser_.component(timestep); }
  models::Denoiser& denoiser() const { return denoiser_; }
  /// Whether what is trained computes at `timestep`.
  bool is_trained(double timestep) const {
    return trained_until_.empty() || timestep <= trained_until_.at(denoiser_.component(timestep));
  }
  /// Where the weights of what computes at `timestep` are; null if they cannot be parked.
  nn::Residence* network(double timestep) const { return component_at(timestep).residence; }

 private:
  friend class Prepared;
  const models::Component& component_at(double timestep) const {
    return components_.at(denoiser_.component(timestep));
  }
  bool is_limited(size_t component) const {
    return !trained_until_.empty() && std::isfinite(trained_until_.at(component));
  }
  /// Before the backward of what a network gave: its weights may have left since.
  void bring(size_t component) const;

  models::Denoiser& denoiser_;
  const nn::TrainableSet& trained_;
  Guidance guidance_;
  const Parking* parking_;
  std::vector<double> trained_until_;  // by component; empty: no limit
  std::vector<models::Component> components_;
};

}  // namespace drf::flow
