#include "drf/english/linear.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::english {
namespace {

// Outputs that lie side by side; rows, or panels of one row, whose sums are held in registers at once.
constexpr size_t kPanel = 8, kBlock = 4;

// The sums of `Rows` rows for the outputs of `Panels` panels, each sum in the order of the inputs.
template <size_t Rows, size_t Panels>
void block_sums(const float* x, size_t stride, const float* panels, size_t inputs, const float* bias,
                float* y, size_t y_stride, size_t width) {
  float held[Rows][Panels][kPanel] = {};
  for (size_t i = 0; i < inputs; ++i) {
    for (size_t r = 0; r < Rows; ++r) {
      const float value = x[r * stride + i];
      for (size_t p = 0; p < Panels; ++p)
        for (size_t o = 0; o < kPanel; ++o) held[r][p][o] += value * panels[(p * inputs + i) * kPanel + o];
    }
  }
  for (size_t r = 0; r < Rows; ++r)
    for (size_t o = 0; o < width; ++o) y[r * y_stride + o] = held[r][o / kPanel][o % kPanel] + bias[o];
}

}  // namespace

Linear::Linear(const Tensor& weights, const Tensor& bias)
    : inputs_(weights.shape.back()), outputs_(weights.values.size() / inputs_) {
  DRF_CHECK(bias.values.size() == outputs_, bias.values.size(), " biases of ", outputs_);
  bias_ = bias.values;
  const size_t blocks = (outputs_ + kBlock * kPanel - 1) / (kBlock * kPanel);
  packed_.resize(blocks * kBlock * kPanel * inputs_);  // zeros behind the last output
  for (size_t o = 0; o < outputs_; ++o) {
    for (size_t i = 0; i < inputs_; ++i)
      packed_[(o / kPanel * inputs_ + i) * kPanel + o % kPanel] = weights.values[o * inputs_ + i];
  }
}

void Linear::apply(const float* x, size_t rows, size_t stride, float* y) const {
  size_t row = 0;
  for (; row + kBlock <= rows; row += kBlock) {
    for (size_t o = 0; o < outputs_; o += kPanel) {
      block_sums<kBlock, 1>(x + row * stride, stride, packed_.data() + o * inputs_, inputs_, bias_.data() + o,
                            y + row * outputs_ + o, outputs_, std::min(kPanel, outputs_ - o));
    }
  }
  for (; row < rows; ++row) {
    for (size_t o = 0; o < outputs_; o += kBlock * kPanel) {
      block_sums<1, kBlock>(x + row * stride, stride, packed_.data() + o * inputs_, inputs_, bias_.data() + o,
                            y + row * outputs_ + o, outputs_, std::min(kBlock * kPanel, outputs_ - o));
    }
  }
}

}  // namespace drf::english
