#pragma once
// Sharpness-aware minimisation (arXiv 2010.01412): an update's gradient is taken where the loss near what is
// trained is highest to first order, so that what is learnt does not hang on the last digit of it.

#include <ATen/core/Tensor.h>

#include <vector>

namespace drf::train {

/// What is trained, moved by `distance` in the L2 norm over all of it along its gradient (.grad, of the
/// loss), which is then gone. Stays where that is zero or not finite. When this ends, or its beginning throws
/// for want of memory, it is where it was, to the bit.
class MovedParameters {
 public:
  MovedParameters(const std::vector<at::Tensor>& parameters, double distance);
  ~MovedParameters();
  MovedParameters(const MovedParameters&) = delete;
  MovedParameters& operator=(const MovedParameters&) = delete;

 private:
  void put_back();

  std::vector<at::Tensor> parameters_, before_;
};

}  // namespace drf::train
