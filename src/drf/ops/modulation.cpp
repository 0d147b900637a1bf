#include "drf/ops/modulation.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "drf/ops/device_rows.h"
#include "drf/tensor/precision.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// Keeps x alone. Gamma and beta are not trained.
struct DeviceLayerNorm : torch::autograd::Function<DeviceLayerNorm> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& gamma,
                            const at::Tensor& beta, double eps) {
    ctx->save_for_backward({x, gamma});
    ctx->saved_data["eps"] = eps;
    return device_layer_norm(x, gamma, beta, eps);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    variable_list result(4);
    result[0] = device_layer_norm_backward(saved[0], saved[1], grads[0].contiguous(),
                                           ctx->saved_data["eps"].toDouble());
    return result;
  }
};

/// Keeps the gate alone, which is not trained.
struct DeviceGatedSum : torch::autograd::Function<DeviceGatedSum> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& a,
                            const at::Tensor& gate) {
    ctx->save_for_backward({gate});
    return device_gated(x, a, gate);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    return {grads[0], device_gated({}, grads[0].contiguous(), ctx->get_saved_variables()[0]), at::Tensor()};
  }
};

bool trains(const at::Tensor& t) { return at::GradMode::is_enabled() && t.requires_grad(); }

/// A timestep's vectors as the rows' kernels want them.
bool fits(const at::Tensor& vectors, const at::Tensor& x_BLD) {
  return !trains(vectors) && vectors.scalar_type() == at::kFloat && vectors.numel() % x_BLD.size(-1) == 0 &&
         (vectors.numel() == x_BLD.size(-1) || vectors.numel() == x_BLD.size(0) * x_BLD.size(-1));
}

}  // namespace

at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double eps) {
  if (weight.defined() && !trains(weight) && !trains(bias) && has_device_rows(x)) {
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
