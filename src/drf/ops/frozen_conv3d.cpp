#include "drf/ops/frozen_conv3d.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// The permuted view is what libtorch calls channels_last_3d: no copy, and its fast kernels.
at::Tensor as_BCTHW(const at::Tensor& x_BTHWC) { return x_BTHWC.permute({0, 4, 1, 2, 3}); }
at::Tensor as_BTHWC(const at::Tensor& x_BCTHW) { return x_BCTHW.permute({0, 2, 3, 4, 1}).contiguous(); }

struct FrozenConv3d : torch::autograd::Function<FrozenConv3d> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, std::vector<int64_t> stride,
                            std::vector<int64_t> padding) {
    ctx->save_for_backward({weight});
    ctx->saved_data["sizes"] = as_BCTHW(x).sizes().vec();
    ctx->saved_data["stride"] = stride;
    ctx->saved_data["padding"] = padding;
    return as_BTHWC(at::conv3d(as_BCTHW(x), weight, bias, stride, padding));
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const at::Tensor weight = ctx->get_saved_variables()[0];
    // The gradient of the input reads the input's sizes and layout, never its values: memory that is not
    // touched.
    const at::Tensor stand_in = at::empty(ctx->saved_data["sizes"].toIntVector(), grads[0].options(),
                                          at::MemoryFormat::ChannelsLast3d);
    const at::Tensor grad_x = std::get<0>(at::convolution_backward(
        as_BCTHW(grads[0]), stand_in, weight, /*bias_sizes=*/c10::nullopt,
        ctx->saved_data["stride"].toIntVector(), ctx->saved_data["padding"].toIntVector(),
        /*dilation=*/{1, 1, 1}, /*transposed=*/false,
        /*output_padding=*/{0, 0, 0}, /*groups=*/1, /*output_mask=*/{true, false, false}));
    return {as_BTHWC(grad_x), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor conv3d(const at::Tensor& x_BTHWC, const at::Tensor& weight, const at::Tensor& bias,
                  at::IntArrayRef stride, at::IntArrayRef padding) {
  const bool trained = weight.requires_grad() || (bias.defined() && bias.requires_grad());
  if (trained) return as_BTHWC(at::conv3d(as_BCTHW(x_BTHWC), weight, bias, stride, padding));
  return FrozenConv3d::apply(x_BTHWC, weight, bias, stride.vec(), padding.vec());
}

}  // namespace drf::ops
