#pragma once
// Floating-point operations of a model's useful work, counted on paper from its dimensions: two for each
// multiply-add of linear layers, convolutions and attention. Norms, activations, softmax, adapters and
// resizing are left out, and so is whatever an implementation does twice or on padding.

#include <cstdint>

namespace drf::models {

struct Flops {
  double products = 0;   ///< linear layers and convolutions
  double attention = 0;  ///< scores and weighted sums

  double forward() const { return products + attention; }
  /// From the gradient of the output to that of the input, weights frozen: one product for each linear layer
  /// or convolution; of attention's two products, the gradient of both factors.
  double input_gradient() const { return products + 2 * attention; }
  /// Those of the weights, where all are trained: one product more each.
  double weight_gradient() const { return products; }
};

inline Flops operator+(const Flops& a, const Flops& b) {
  return {a.products + b.products, a.attention + b.attention};
}
inline Flops operator*(double times, const Flops& a) { return {times * a.products, times * a.attention}; }

/// Of so many multiply-adds.
inline Flops products(double multiply_adds) { return {2 * multiply_adds, 0}; }
/// `pairs` of query and key, each a row of `width` over all heads: one product for the scores, one for the
/// values.
inline Flops attention(double pairs, double width) { return {0, 2 * 2 * pairs * width}; }

}  // namespace drf::models
