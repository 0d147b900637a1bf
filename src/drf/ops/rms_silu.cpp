#include "drf/ops/rms_silu.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "drf/ops/parallel.h"
#include "drf/ops/rms_silu_kernel.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/precision.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool has_kernel(const at::Tensor& x) {
  return stands_for_cpu(x) && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble);
}

at::Tensor forward_on_cpu(const at::Tensor& x, const at::Tensor& gamma) {
  const at::Tensor y = at::empty_like(x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_silu", [&] {
    over_rows(x, [&](int64_t first, int64_t count) {
      rms_silu_rows(x.const_data_ptr<scalar_t>() + first, gamma.const_data_ptr<scalar_t>(),
                    y.mutable_data_ptr<scalar_t>() + first, count, x.size(-1));
    });
  });
  return y;
}

at::Tensor backward_on_cpu(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& grad_y) {
  const at::Tensor grad_x = at::empty_like(x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_silu", [&] {
    over_rows(x, [&](int64_t first, int64_t count) {
      rms_silu_rows_backward(x.const_data_ptr<scalar_t>() + first, gamma.const_data_ptr<scalar_t>(),
                             grad_y.const_data_ptr<scalar_t>() + first,
                             grad_x.mutable_data_ptr<scalar_t>() + first, count, x.size(-1));
    });
  });
  return grad_x;
}

/// Keeps x alone; everything between x and y is formed again in the backward.
struct FrozenRmsSilu : torch::autograd::Function<FrozenRmsSilu> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_any, const at::Tensor& gamma) {
    const at::Tensor x = x_any.contiguous();
    ctx->save_for_backward({x, gamma});
    return has_kernel(x) ? forward_on_cpu(x, gamma) : at::silu(channel_rms(x, gamma));
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &gamma = saved[1];
    if (has_kernel(x)) return {backward_on_cpu(x, gamma, grads[0].contiguous()), at::Tensor()};
    const at::AutoGradMode gradient_on(true);
    const at::Tensor leaf = x.detach().requires_grad_();
    const at::Tensor y = at::silu(channel_rms(leaf, gamma));
    return {torch::autograd::grad({y}, {leaf}, {grads[0]})[0], at::Tensor()};
  }
};

}  // namespace

at::Tensor channel_rms(const at::Tensor& x, const at::Tensor& gamma) {
  const at::Tensor wide = upcast(x);
  const at::Tensor length = at::linalg_vector_norm(wide, 2, at::IntArrayRef{-1}, /*keepdim=*/true);
  const at::Tensor unit = (wide / length.clamp_min(1e-12)).to(x.scalar_type());
  return unit * std::sqrt(double(x.size(-1))) * gamma;
}

at::Tensor rms_silu(const at::Tensor& x, const at::Tensor& gamma) {
  if (!gamma.requires_grad()) return FrozenRmsSilu::apply(x, gamma);
  return at::silu(channel_rms(x, gamma));
}

}  // namespace drf::ops
