#pragma once
// The one piece of arithmetic that takes time: rows of numbers times a matrix, in plain loops that a compiler
// makes vectors of. The order of every sum is fixed: a result does not depend on the machine's count of
// cores, nor on the rows beside it.

#include <vector>

#include "drf/english/model.h"

namespace drf::english {

class Linear {
 public:
  /// weights: (..., in), its outer extents taken together as the outputs; bias: one number an output.
  Linear(const Tensor& weights, const Tensor& bias);

  size_t inputs() const { return inputs_; }
  size_t outputs() const { return outputs_; }

  /// y[r * outputs() + o] = bias[o] + the sum over i of x[r * stride + i] * W[o][i]. A stride below inputs()
  /// reads rows that overlap, as a window over words does.
  void apply(const float* x, size_t rows, size_t stride, float* y) const;

 private:
  size_t inputs_, outputs_;
  std::vector<float> packed_;  // panels of eight outputs: (panel, in, output within the panel)
  std::vector<float> bias_;
};

}  // namespace drf::english
