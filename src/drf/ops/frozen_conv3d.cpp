#include "drf/ops/frozen_conv3d.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

#include "drf/tensor/dry_run.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The permuted view is what libtorch calls channels_last_3d: no copy, and its fast kernels.
at::Tensor as_BCTHW(const at::Tensor& x_BTHWC) { return x_BTHWC.permute({0, 4, 1, 2, 3}); }
at::Tensor as_BTHWC(const at::Tensor& x_BCTHW) { return x_BCTHW.permute({0, 2, 3, 4, 1}).contiguous(); }

struct Geometry {
  std::vector<int64_t> stride, padding;
  at::IntArrayRef plane(const std::vector<int64_t>& of) const { return at::IntArrayRef(of).slice(1); }
};

/// libtorch sends one small clip (C * T * H <= 20480) to a loop over im2col, several times slower than
/// oneDNN, which it would use for the frames as a batch: there the convolution is a sum over the kernel's
/// frames of 2-D convolutions.
bool better_by_frames(const at::Tensor& x_BTHWC, const at::Tensor& weight, const Geometry& geometry) {
  const int64_t num_out = (x_BTHWC.size(1) - weight.size(2)) / geometry.stride[0] + 1;
  return stands_for_cpu(x_BTHWC) && x_BTHWC.scalar_type() == at::kFloat && x_BTHWC.size(0) == 1 &&
         num_out > 1 && geometry.padding[0] == 0 &&
         x_BTHWC.size(4) * x_BTHWC.size(1) * x_BTHWC.size(2) <= 20480;
}

/// The frames of x [1, T, H, W, C] that meet the kernel's frame k, as a batch [T', C, H, W].
at::Tensor frames_at(const at::Tensor& x, int64_t k, int64_t num_out, int64_t stride) {
  return x[0].slice(0, k, k + (num_out - 1) * stride + 1, stride).permute({0, 3, 1, 2});
}

at::Tensor forward_by_frames(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                             const Geometry& geometry) {
  const int64_t num_taps = weight.size(2), stride = geometry.stride[0];
  const int64_t num_out = (x.size(1) - num_taps) / stride + 1;
  at::Tensor y;
  for (int64_t k = 0; k < num_taps; ++k) {
    const at::Tensor part =
        at::conv2d(frames_at(x, k, num_out, stride), weight.select(2, k), k == 0 ? bias : at::Tensor(),
                   geometry.plane(geometry.stride), geometry.plane(geometry.padding));
    y = k == 0 ? part : y.add_(part);
  }
  return y.permute({0, 2, 3, 1}).unsqueeze(0).contiguous();
}

/// d/dx of sum(conv(x) * grad), 2-D or 3-D by the weight's dimensions; `sizes` are x's. It is the transposed
/// convolution with the same weight. (convolution_backward would want a tensor of x's size that nobody reads:
/// untouched pages on a CPU, gigabytes on a GPU.)
at::Tensor input_gradient(const at::Tensor& grad, at::IntArrayRef sizes, const at::Tensor& weight,
                          at::IntArrayRef stride, at::IntArrayRef padding) {
  std::vector<int64_t> dilation, unreached;  // what lies beyond the last step of the stride
  for (size_t i = 0; i < stride.size(); ++i) {
    const int64_t covered = (grad.size(i + 2) - 1) * stride[i] + weight.size(i + 2) - 2 * padding[i];
    unreached.push_back(sizes[i + 2] - covered);
    dilation.push_back(1);
  }
  return at::convolution(grad, weight, /*bias=*/{}, stride, padding, dilation, /*transposed=*/true, unreached,
                         /*groups=*/1);
}

at::Tensor backward_by_frames(const at::Tensor& grad, at::IntArrayRef sizes, const at::Tensor& weight,
                              const Geometry& geometry) {
  const int64_t num_out = grad.size(1), stride = geometry.stride[0];
  const at::Tensor grad_x = at::zeros(sizes, grad.options());
  const at::Tensor grad_frames = grad[0].permute({0, 3, 1, 2});
  for (int64_t k = 0; k < weight.size(2); ++k) {
    const at::Tensor target = frames_at(grad_x, k, num_out, stride);
    target.add_(input_gradient(grad_frames, target.sizes(), weight.select(2, k),
                               geometry.plane(geometry.stride), geometry.plane(geometry.padding)));
  }
  return grad_x;
}

struct FrozenConv3d : torch::autograd::Function<FrozenConv3d> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, std::vector<int64_t> stride,
                            std::vector<int64_t> padding) {
    const Geometry geometry{stride, padding};
    ctx->save_for_backward({weight});
    ctx->saved_data["sizes"] = x.sizes().vec();
    ctx->saved_data["stride"] = stride;
    ctx->saved_data["padding"] = padding;
    ctx->saved_data["by_frames"] = better_by_frames(x, weight, geometry);
    if (better_by_frames(x, weight, geometry)) return forward_by_frames(x, weight, bias, geometry);
    return as_BTHWC(at::conv3d(as_BCTHW(x), weight, bias, stride, padding));
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const at::Tensor weight = ctx->get_saved_variables()[0];
    const auto sizes = ctx->saved_data["sizes"].toIntVector();
    const Geometry geometry{ctx->saved_data["stride"].toIntVector(),
                            ctx->saved_data["padding"].toIntVector()};
    variable_list result(5);
    if (ctx->saved_data["by_frames"].toBool()) {
      result[0] = backward_by_frames(grads[0], sizes, weight, geometry);
    } else {
      const std::vector<int64_t> sizes_BCTHW{sizes[0], sizes[4], sizes[1], sizes[2], sizes[3]};
      result[0] = as_BTHWC(
          input_gradient(as_BCTHW(grads[0]), sizes_BCTHW, weight, geometry.stride, geometry.padding));
    }
    return result;
  }
};

}  // namespace

at::Tensor conv3d_channels_last(const at::Tensor& x_BTHWC, const at::Tensor& weight, const at::Tensor& bias,
                                at::IntArrayRef stride, at::IntArrayRef padding) {
  const bool trained = weight.requires_grad() || bias.requires_grad();
  if (trained) return as_BTHWC(at::conv3d(as_BCTHW(x_BTHWC), weight, bias, stride, padding));
  return FrozenConv3d::apply(x_BTHWC, weight, bias, stride.vec(), padding.vec());
}

}  // namespace drf::ops
