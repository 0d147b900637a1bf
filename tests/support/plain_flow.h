#pragma once
// The flow without any of its economies, to compare it with: one ordinary autograd graph over the whole walk,
// clip by clip and guidance branch by branch, the text read again for every velocity with every row of its
// padding, nothing recomputed, one backward at the end. DirectBackprop, Wan models.

#include <ATen/core/Tensor.h>

#include <optional>
#include <vector>

#include "drf/models/wan/transformer.h"
#include "drf/run/run.h"

namespace drf::testing {

/// The transformer's reading of text_BSE with each row of padding kept as it is: no bias.
wan::TextReading read_every_row(wan::Transformer& transformer, const at::Tensor& text_BSE);

class PlainFlow {
 public:
  /// Uses the run's models and adapters; `config` instead of the run's own for what is not of them.
  PlainFlow(run::Run& run, const run::RunConfig& config);

  struct Result {
    at::Tensor rewards_B;               ///< mean over the draws
    double penalty = 0;                 ///< the anchor's, mean over clips
    at::Tensor x0, x_K, d_xK;           ///< of the last draw
    std::vector<at::Tensor> gradients;  ///< of the adapters, in the parameters' order
  };
  /// Moves of `walk` that train see the adapters as variables, all others as constants.
  /// The gradients are those of scale * (rewards - penalties), summed over clips. `finished_BCTHW`: clips of
  /// an earlier rollout that this update goes on with.
  Result run(const flow::Batch& batch, const diffusion::Walk& walk, double scale,
             const at::Tensor& finished_BCTHW = {});
  /// The rewards' sum where the moves that train take `adapters` for the run's own, and the walk's
  /// gradient part begins at x_K + shift (if set).
  double reward(const flow::Batch& batch, const diffusion::Walk& walk,
                const std::vector<at::Tensor>& adapters, const at::Tensor& shift = {});

  /// Parts of it, for objectives that walk otherwise. The adapters as what; of clip `b`, alone in its batch.
  enum class As { kVariables, kConstants, kBase };
  at::Tensor guided(const flow::Batch& batch, int64_t b, const at::Tensor& x, int64_t level, As as);
  /// Of finished clip x0 as a viewer sees it; no graph.
  double shown_reward(const flow::Batch& batch, int64_t b, const at::Tensor& x0);
  std::vector<at::Tensor> take_gradients();
  const diffusion::Schedule& schedule() const { return schedule_; }

 private:
  at::Tensor padded(const models::Condition& condition) const;
  struct Graph {
    at::Tensor objective;  // sum of rewards minus penalties over clips, mean over draws
    at::Tensor rewards_B, penalty;
    std::vector<at::Tensor> x_K, x0;  // of the last draw, one a clip; x_K are leaves
  };
  Graph graph(const flow::Batch& batch, const diffusion::Walk& walk, const at::Tensor& finished_BCTHW,
              const std::vector<at::Tensor>& trained, const at::Tensor& shift);
  struct Velocity {
    at::Tensor guided;                 // its gradient is what the guidance says
    std::vector<at::Tensor> branches;  // the conditional one, and with guidance the other
  };
  Velocity velocity(const at::Tensor& x, double timestep, const at::Tensor& text, const at::Tensor& free,
                    const std::vector<at::Tensor>& adapters);
  at::Tensor branch(const at::Tensor& x, double timestep, const at::Tensor& text);
  double guidance(double timestep) const;
  at::Tensor step(const at::Tensor& x, const at::Tensor& v, const diffusion::Move& move) const;

  run::Run& run_;
  run::RunConfig config_;
  std::vector<wan::Transformer*> transformers_;  // by component
  diffusion::Schedule schedule_;
  std::vector<at::Tensor> variables_, constants_, base_;  // in the parameters' order
};

}  // namespace drf::testing
