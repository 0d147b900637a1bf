#include "drf/ops/modulation.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "drf/ops/device_rows.h"
#include "drf/tensor/precision.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Sums over the rows that share a row of `like` (G x C numbers).
at::Tensor over_groups(const at::Tensor& wide_RC, const at::Tensor& like) {
  const int64_t C = like.size(-1);
  return wide_RC.view({like.numel() / C, -1, C}).sum(1).view(like.sizes());
}

/// Keeps x and gamma.
struct DeviceLayerNorm : torch::autograd::Function<DeviceLayerNorm> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& gamma,
                            const at::Tensor& beta, double eps) {
    ctx->save_for_backward({x, gamma});
    ctx->saved_data["eps"] = eps;
    return device_layer_norm(x, gamma, beta, eps);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &gamma = saved[1], grad = for_device_rows(grads[0]);
    const double eps = ctx->saved_data["eps"].toDouble();
    variable_list result(4);
    if (ctx->needs_input_grad(0)) result[0] = device_layer_norm_backward(x, gamma, grad, eps);
    if (ctx->needs_input_grad(1)) {
      const at::Tensor normed = at::layer_norm(upcast(x), {x.size(-1)}, {}, {}, eps);
      result[1] = over_groups(normed.mul_(grad), gamma);
    }
    if (ctx->needs_input_grad(2)) result[2] = over_groups(upcast(grad), gamma);
    return result;
  }
};

/// Keeps the gate, and `a` for a gate that is trained.
struct DeviceGatedSum : torch::autograd::Function<DeviceGatedSum> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& a,
                            const at::Tensor& gate) {
    ctx->save_for_backward({gate, gate.requires_grad() ? a : at::Tensor()});
    return device_gated(x, a, gate);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &gate = saved[0], grad = for_device_rows(grads[0]);
    variable_list result(3);
    if (ctx->needs_input_grad(0)) result[0] = grads[0];
    if (ctx->needs_input_grad(1)) result[1] = device_gated({}, grad, gate);
    if (ctx->needs_input_grad(2)) result[2] = over_groups(upcast(saved[1]) * grad, gate);
    return result;
  }
};

/// A timestep's vectors as the rows' kernels want them.
bool fits(const at::Tensor& vectors, const at::Tensor& x_BLD) {
  return vectors.device() == x_BLD.device() && vectors.scalar_type() == at::kFloat &&
         (vectors.numel() == x_BLD.size(-1) || vectors.numel() == x_BLD.size(0) * x_BLD.size(-1));
}

}  // namespace

at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double eps) {
  if (weight.defined() && has_device_rows(x)) {
    const at::Tensor gamma = weight.to(at::kFloat).contiguous(), beta = bias.to(at::kFloat).contiguous();
    if (fits_rows(gamma, x, false) && fits_rows(beta, x, false))
      return DeviceLayerNorm::apply(x, gamma, beta, eps);
  }
  const at::Tensor wide = upcast(x);
  const auto as_wide = [&](const at::Tensor& t) { return t.defined() ? t.to(wide.scalar_type()) : t; };
  return at::layer_norm(wide, {x.size(-1)}, as_wide(weight), as_wide(bias), eps).to(x.scalar_type());
}

at::Tensor modulated_norm(const at::Tensor& x_BLD, const at::Tensor& shift, const at::Tensor& scale,
                          double eps) {
  if (fits(shift, x_BLD) && fits(scale, x_BLD) && shift.sizes() == scale.sizes() && has_device_rows(x_BLD))
    return DeviceLayerNorm::apply(x_BLD, (scale + 1).contiguous(), shift.contiguous(), eps);
  const at::Tensor normed = at::layer_norm(upcast(x_BLD), {x_BLD.size(-1)}, {}, {}, eps);
  return at::addcmul(shift, normed, scale + 1).to(x_BLD.scalar_type());
}

at::Tensor gated_sum(const at::Tensor& x_BLD, const at::Tensor& a_BLD, const at::Tensor& gate) {
  if (fits(gate, x_BLD) && a_BLD.sizes() == x_BLD.sizes() && a_BLD.scalar_type() == x_BLD.scalar_type() &&
      has_device_rows(x_BLD) && has_device_rows(a_BLD))
    return DeviceGatedSum::apply(x_BLD, a_BLD, gate.contiguous());
  return at::addcmul(upcast(x_BLD), upcast(a_BLD), gate).to(x_BLD.scalar_type());
}

}  // namespace drf::ops
