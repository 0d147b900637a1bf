#pragma once
// A 3-D convolution for frozen models. PyTorch's own keeps its input for the weight's gradient even when the
// weight needs none (pytorch issue 133566); in a decoder made of frozen convolutions that is most of the
// memory.

#include <ATen/core/Tensor.h>

namespace drf::ops {

/// at::conv3d(x, weight, bias, stride, padding). While neither `weight` nor `bias` requires grad, the graph
/// keeps the weight and x's sizes only, not x; otherwise it is at::conv3d with ordinary gradients. x_BCTHW
/// [B, C, T, H, W]; channels-last memory is the fast one and is preserved. weight [O, C, kt, kh, kw]; bias
/// [O] or undefined; stride and padding of three. Gradients are of first order.
at::Tensor conv3d(const at::Tensor& x_BCTHW, const at::Tensor& weight, const at::Tensor& bias,
                  at::IntArrayRef stride, at::IntArrayRef padding);

}  // namespace drf::ops
