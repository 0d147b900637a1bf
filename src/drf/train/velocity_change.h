#pragma once
// How far what is trained has come from the base model, where it was trained: along its own rollouts, at the
// steps that may train, the base model's velocity beside the one that was taken.
//
//   sqrt( mean |v - v_base|^2 / mean |v_base|^2 ),   0 for the base model, no unit.

#include <cstdint>
#include <memory>
#include <vector>

#include "drf/flow/batch.h"
#include "drf/flow/rollout.h"
#include "drf/run/run.h"

namespace drf::train {

class VelocityChange {
 public:
  /// `run` must outlive it.
  explicit VelocityChange(run::Run& run);
  /// A rollout of `batch` begins; it must outlive the rollout.
  void begin(const flow::Batch& batch);
  /// Before each of its moves: one call of the base model where the step may train.
  void visit(const at::Tensor& x, const diffusion::Move& move);
  /// It ended at x.
  void end(const at::Tensor& x);
  /// Of all rollouts since it was made.
  double relative() const;

 private:
  void close(const at::Tensor& x);  // the move that began last ends at x

  run::Run& run_;
  std::vector<bool> trains_;  // by step
  const flow::Batch* batch_ = nullptr;
  std::unique_ptr<flow::Prepared> prepared_;
  at::Tensor from_, base_;  // undefined where the last move is of no interest
  double sigmas_ = 0;       // its length
  double change_ = 0, whole_ = 0;
};

}  // namespace drf::train
