#pragma once
// A 3-D convolution for frozen models. PyTorch's own keeps its input for the weight's gradient even when the
// weight needs none (pytorch issue 133566); in a decoder made of frozen convolutions that is most of the
// memory.

#include <ATen/core/Tensor.h>

namespace drf::ops {

/// at::conv3d on channels-last frames. While neither `weight` nor `bias` requires grad, the graph keeps the
/// weight and x's sizes only, not x; otherwise gradients are ordinary ones. x_BTHWC [B, T, H, W, C]; weight
/// [O, C, kt, kh, kw]; bias [O]; stride and padding for T, H, W
/// -> [B, T', H', W', O], contiguous. Gradients are of first order.
at::Tensor conv3d_channels_last(const at::Tensor& x_BTHWC, const at::Tensor& weight, const at::Tensor& bias,
                                at::IntArrayRef stride, at::IntArrayRef padding);

}  // namespace drf::ops
