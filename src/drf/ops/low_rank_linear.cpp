#include "drf/ops/low_rank_linear.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// With z = x A^T and y = x W^T + s z B^T:  dz = s dy B,  dx = dy W + dz A,  dA = dz^T x,  dB = s dy^T z.
struct LowRankLinear : torch::autograd::Function<LowRankLinear> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_any, const at::Tensor& weight,
                            const at::Tensor& A, const at::Tensor& B, const std::optional<at::Tensor>& bias,
                            double scale) {
    const at::Tensor x = x_any.reshape({-1, x_any.size(-1)});
    const at::Tensor z = at::mm(x, A.t());
    at::Tensor y = bias ? at::addmm(*bias, x, weight.t()) : at::mm(x, weight.t());
    y.addmm_(z, B.t(), /*beta=*/1, /*alpha=*/scale);
    ctx->save_for_backward({x, weight, A, B, z});
    ctx->saved_data["scale"] = scale;
    ctx->saved_data["sizes"] = x_any.sizes().vec();
    auto sizes = x_any.sizes().vec();
    sizes.back() = y.size(1);
    return y.view(sizes);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], &A = saved[2], &B = saved[3], &z = saved[4];
    const double scale = ctx->saved_data["scale"].toDouble();
    const at::Tensor dy = grads[0].reshape({-1, grads[0].size(-1)});
    const at::Tensor dz = at::mm(dy, B).mul_(scale);
    variable_list result(6);
    if (ctx->needs_input_grad(0))
      result[0] = at::mm(dy, weight).addmm_(dz, A).view(ctx->saved_data["sizes"].toIntVector());
    if (ctx->needs_input_grad(2)) result[2] = at::mm(dz.t(), x);
    if (ctx->needs_input_grad(3)) result[3] = at::mm(dy.t(), z).mul_(scale);
    return result;
  }
};

}  // namespace

at::Tensor low_rank_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                           const at::Tensor& lora_A, const at::Tensor& lora_B, double scale) {
  const auto given_bias = bias.defined() ? std::optional<at::Tensor>(bias) : std::nullopt;
  return LowRankLinear::apply(x, weight, lora_A, lora_B, given_bias, scale);
}

}  // namespace drf::ops
