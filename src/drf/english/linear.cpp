#include "drf/english/linear.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::english {
namespace {

// Outputs and rows of which the sums are held in registers at once.
constexpr size_t kPanel = 8, kRows = 4;

// Sums of `Rows` rows for the outputs of one panel.
template <size_t Rows>
void panel_sums(const float* x, size_t stride, const float* panel, size_t inputs, const float* bias,
                float (&sums)[kRows][kPanel]) {
  float held[Rows][kPanel];
  for (size_t r = 0; r < Rows; ++r)
    for (size_t o = 0; o < kPanel; ++o) held[r][o] = 0;
  for (size_t i = 0; i < inputs; ++i) {
    for (size_t r = 0; r < Rows; ++r) {
      const float value = x[r * stride + i];
      for (size_t o = 0; o < kPanel; ++o) held[r][o] += value * panel[i * kPanel + o];
    }
  }
  for (size_t r = 0; r < Rows; ++r)
    for (size_t o = 0; o < kPanel; ++o) sums[r][o] = held[r][o] + bias[o];
}

}  // namespace

Linear::Linear(const Tensor& weights, const Tensor& bias)
    : inputs_(weights.shape.back()), outputs_(weights.values.size() / inputs_) {
  DRF_CHECK(bias.values.size() == outputs_, bias.values.size(), " biases of ", outputs_);
  const size_t panels = (outputs_ + kPanel - 1) / kPanel;
  packed_.resize(panels * kPanel * inputs_);
  bias_ = bias.values;
  bias_.resize(panels * kPanel);
  for (size_t o = 0; o < outputs_; ++o) {
    for (size_t i = 0; i < inputs_; ++i)
      packed_[(o / kPanel * inputs_ + i) * kPanel + o % kPanel] = weights.values[o * inputs_ + i];
  }
}

void Linear::apply(const float* x, size_t rows, size_t stride, float* y) const {
  float sums[kRows][kPanel];
  for (size_t row = 0; row < rows; row += kRows) {
    const size_t count = std::min(kRows, rows - row);
    const float* const first = x + row * stride;
    for (size_t begin = 0; begin < outputs_; begin += kPanel) {
      const float* const panel = packed_.data() + begin * inputs_;
      const float* const bias = bias_.data() + begin;
      if (count == kRows) {
        panel_sums<kRows>(first, stride, panel, inputs_, bias, sums);
      } else {
        for (size_t r = 0; r < count; ++r) {
          float alone[kRows][kPanel];
          panel_sums<1>(first + r * stride, stride, panel, inputs_, bias, alone);
          std::copy(alone[0], alone[0] + kPanel, sums[r]);
        }
      }
      const size_t width = std::min(kPanel, outputs_ - begin);
      for (size_t r = 0; r < count; ++r)
        std::copy(sums[r], sums[r] + width, y + (row + r) * outputs_ + begin);
    }
  }
}

}  // namespace drf::english
