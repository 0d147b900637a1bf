#pragma once
// From a finished clip to its reward and back: decode, ask, weigh; then the pull-backs of critic and decoder.
// What every update rule shares.

#include "drf/flow/flow_types.h"
#include "drf/flow/parking.h"
#include "drf/flow/stage_clock.h"

namespace drf::flow {

class RewardTail {
 public:
  /// The parts must outlive this; `options` is the flow's.
  RewardTail(models::Decoder& decoder, critic::Critic& critic, const FlowOptions& options,
             const Parking& parking)
      : decoder_(decoder), critic_(critic), options_(options), parking_(parking) {}

  /// Fills the frames, answers and rewards of result.x0. No gradient.
  void evaluate(const FlowInput& input, Pixels pixels, FlowResult& result, StageClock& clock) const;

  /// The same with pixels as they are, and result.d_frames and result.d_x0 of sum_b R_b * gradient_scale. The
  /// critic's graph is gone before the decoder is pulled; it is pulled at a scale that half types can hold
  /// (gradient_scale.h).
  void pull(const FlowInput& input, double gradient_scale, FlowResult& result, StageClock& clock) const;

 private:
  /// d sum_b R_b * gradient_scale / d log-probabilities of each clip; empty without gradient, or where no
  /// question counts.
  std::vector<at::Tensor> weigh(double gradient_scale, bool with_gradient, const FlowInput& input,
                                FlowResult& result) const;

  models::Decoder& decoder_;
  critic::Critic& critic_;
  const FlowOptions& options_;
  const Parking& parking_;
};

}  // namespace drf::flow
