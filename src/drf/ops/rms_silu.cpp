#include "drf/ops/rms_silu.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/ScalarOps.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

#include "drf/ops/device_rows.h"
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

constexpr double kFloor = 1e-12;  // of a norm, as the reference has it

at::Tensor norm_of(const at::Tensor& x) {
  return at::linalg_vector_norm(x, 2, at::IntArrayRef{-1}, /*keepdim=*/true);
}

/// silu(channel_rms(x, gamma)) to the bit, in the memory of its result.
at::Tensor forward_composed(const at::Tensor& x, const at::Tensor& gamma) {
  const at::Tensor wide = upcast(x);
  at::Tensor y = (wide / norm_of(wide).clamp_min(kFloor)).to(x.scalar_type());
  // Not mul_(double): on the CPU that rounds the number to a half type first.
  y.mul_(at::native::wrapped_scalar_tensor(std::sqrt(double(x.size(-1)))));
  return at::silu_(y.mul_(gamma));
}

bool on_device(const at::Tensor& x, const at::Tensor& gamma) {
  // Half types are rounded between the operations, as the reference rounds them.
  return x.scalar_type() == at::kFloat && has_device_rows(x) && gamma.dim() == 1 &&
         fits_rows(gamma, x, /*same_type=*/false);
}

/// Keeps x alone; everything between x and y is formed again in the backward.
struct FrozenRmsSilu : torch::autograd::Function<FrozenRmsSilu> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_any, const at::Tensor& gamma) {
    const at::Tensor x = x_any.contiguous();
    ctx->save_for_backward({x, gamma});
    if (has_kernel(x)) return forward_on_cpu(x, gamma);
    return on_device(x, gamma) ? device_rms_silu(x, gamma, kFloor) : forward_composed(x, gamma);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &gamma = saved[1], grad = for_device_rows(grads[0]);
    return {has_kernel(x)         ? backward_on_cpu(x, gamma, grad)
            : on_device(x, gamma) ? device_rms_silu_backward(x, gamma, grad, kFloor)
                                  : rms_silu_backward_composed(x, gamma, grad),
            at::Tensor()};
  }
};

}  // namespace

// With n = max(||x||, floor), v = x sqrt(C) / n and u = gamma v:  dv = gamma silu'(u) dy,
// dx = (sqrt(C) / n) (dv - x (x . dv) / n^2), without the second term at the floor, where n is a constant.
at::Tensor rms_silu_backward_composed(const at::Tensor& x, const at::Tensor& gamma,
                                      const at::Tensor& grad_y) {
  constexpr int64_t kNumbers = int64_t{1} << 22;  // at a time: enough for a GPU, 16 MiB of float32
  const int64_t C = x.size(-1), rows = C == 0 ? 0 : x.numel() / C;
  const at::Tensor grad_x = at::empty_like(x), wide_gamma = upcast(gamma);
  const at::Tensor all_x = x.view({rows, C}), all_dy = grad_y.view({rows, C}),
                   all_dx = grad_x.view({rows, C});
  const int64_t step = std::max<int64_t>(1, kNumbers / std::max<int64_t>(C, 1));
  for (int64_t begin = 0; begin < rows; begin += step) {
    const auto some = [&](const at::Tensor& t) { return t.narrow(0, begin, std::min(step, rows - begin)); };
    const at::Tensor x_RC = upcast(some(all_x)), norm = norm_of(x_RC), floored = norm.clamp_min(kFloor);
    const at::Tensor factor = std::sqrt(double(C)) / floored;
    at::Tensor u_RC = (x_RC * factor).mul_(wide_gamma);
    at::Tensor dv_RC = at::silu_backward(upcast(some(all_dy)), u_RC).mul_(wide_gamma);
    const at::Tensor dot = at::mul_out(u_RC, x_RC, dv_RC).sum(-1, /*keepdim=*/true);
    const at::Tensor along = at::where(norm > kFloor, dot / floored.square(), 0.0);
    some(all_dx).copy_(dv_RC.addcmul_(x_RC, along, -1).mul_(factor));
  }
  return grad_x;
}

at::Tensor channel_rms(const at::Tensor& x, const at::Tensor& gamma) {
  const at::Tensor wide = upcast(x);
  const at::Tensor unit = (wide / norm_of(wide).clamp_min(kFloor)).to(x.scalar_type());
  return unit * std::sqrt(double(x.size(-1))) * gamma;
}

at::Tensor rms_silu(const at::Tensor& x, const at::Tensor& gamma) {
  if (!gamma.requires_grad()) return FrozenRmsSilu::apply(x, gamma);
  return at::silu(channel_rms(x, gamma));
}

}  // namespace drf::ops
