#pragma once
// A running average of what is trained (train.ema): a noisy run's last update is worse than the mean of its
// last hundred. Kept in the leaves' dtype beside them; a_0 is what training begins with, and after update n
//   a_n = decay a_{n-1} + (1 - decay) w_n.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/nn/trainable_set.h"

namespace drf::run {

class Average {
 public:
  /// Of the leaves of `trained`, which must outlive this, as they are now. decay in (0, 1).
  Average(const nn::TrainableSet& trained, double decay);
  /// Once an update has moved the leaves; one that moved nothing does not count.
  void update();
  /// One tensor a slot, as trained.with() takes them: the averages themselves, without gradient.
  const std::vector<at::Tensor>& values() const { return values_; }

 private:
  std::vector<at::Tensor> leaves_, values_;
  double decay_;
};

}  // namespace drf::run
