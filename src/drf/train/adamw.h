#pragma once
// AdamW (arXiv 1711.05101) on libtorch's fused kernel: the same bits as torch.optim.AdamW(fused=True).

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

namespace drf::train {

struct AdamWOptions {
  double beta1 = 0.9, beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;  ///< decoupled: the weight shrinks by lr * weight_decay a step
};

class AdamW {
 public:
  /// `parameters` are leaves of one dtype (float32 or float64) and device; they are updated in place.
  AdamW(std::vector<at::Tensor> parameters, const AdamWOptions& options);

  /// One step along -.grad at learning rate `lr`. A parameter without gradient stays, as does its state.
  void step(double lr);

  /// Moments and step counts as safetensors: "exp_avg.NAME", "exp_avg_sq.NAME", "step.NAME". `names` are the
  /// parameters', in their order. Atomic; throws Error(kResources).
  void save(const std::filesystem::path& file, const std::vector<std::string>& names) const;
  /// Reads what save wrote, to the same bits. Throws Error(kInput) for a tensor that is missing, of another
  /// shape or dtype, or of no parameter; the state is then unchanged.
  void load(const std::filesystem::path& file, const std::vector<std::string>& names);

 private:
  std::vector<at::Tensor> parameters_;
  AdamWOptions options_;
  std::vector<at::Tensor> exp_avgs_, exp_avg_sqs_;
  std::vector<at::Tensor> steps_;  // float32 scalars on the parameters' device, as the kernel wants them
};

}  // namespace drf::train
