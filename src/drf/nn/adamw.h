#pragma once
// AdamW (arXiv 1711.05101) on libtorch's fused kernel: the same bits as torch.optim.AdamW(fused=True).

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "drf/tensor/state.h"

namespace drf::nn {

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;  ///< decoupled: the weight shrinks by lr * weight_decay a step
};

class AdamW {
 public:
  /// Names and leaves of one dtype (float32 or float64) and device; they are updated in place.
  AdamW(const std::vector<std::pair<std::string, at::Tensor>>& parameters, const AdamWOptions& options);

  /// One step along -.grad at learning rate `lr`. A parameter without gradient stays, as does its state;
  /// the others count a change (at::Tensor::_version).
  void step(double lr);

  /// Moments and step counts, in the file that `v` is at: "exp_avg.NAME", "exp_avg_sq.NAME", "step.NAME".
  void state(StateVisitor& v);

 private:
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_;
  AdamWOptions options_;
  std::vector<at::Tensor> exp_avgs_, exp_avg_sqs_;
  std::vector<at::Tensor> steps_;  // float32 scalars on the parameters' device, as the kernel wants them
};

}  // namespace drf::nn
