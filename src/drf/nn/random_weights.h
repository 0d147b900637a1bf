#pragma once
// Numbers for models whose files hold none: what an update costs can be measured before tens of gigabytes of
// weights are there (drf bench --random-weights).

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace drf::nn {

/// While it lives, load_strict() of this thread fills parameters with random numbers, drawn on the device
/// that they are for, and reads nothing but the headers of their files. One a thread at a time.
class RandomWeights {
 public:
  explicit RandomWeights(uint64_t seed);
  ~RandomWeights();
  RandomWeights(const RandomWeights&) = delete;
  RandomWeights& operator=(const RandomWeights&) = delete;
  /// The one of this thread, or null.
  static const RandomWeights* current();

  /// Tensor `name` of a checkpoint: normals of variance 1 / (inputs of an output) for weights, so that layers
  /// keep the size of what they are given; about 1 for the weights of norms and about 0 for biases. The same
  /// for the same name, shape and seed on one kind of device.
  at::Tensor draw(const std::string& name, at::IntArrayRef shape, at::ScalarType dtype,
                  at::Device device) const;

 private:
  uint64_t seed_;
};

}  // namespace drf::nn
