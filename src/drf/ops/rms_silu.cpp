#include "drf/ops/rms_silu.h"

#include <ATen/ATen.h>
#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>

#include "drf/ops/rms_silu_kernel.h"
#include "drf/tensor/precision.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool has_kernel(const at::Tensor& x) {
  return x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble);
}

/// Calls rows(first, count) so that all rows are covered, in parallel where that pays.
template <typename Rows>
void over_rows(const at::Tensor& x, const Rows& rows) {
  const int64_t C = x.size(-1);
  at::parallel_for(0, x.numel() / C, /*grain_size=*/1 + 16384 / C,
                   [&](int64_t begin, int64_t end) { rows(begin, end - begin); });
}

/// y[:, P:] = silu(rms(x)) for y [B, P + T, H, W, C].
void fill_after_past(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& y) {
  const int64_t C = x.size(4), rows_a_clip = x.size(1) * x.size(2) * x.size(3);
  const int64_t rows_of_past = (y.size(1) - x.size(1)) * x.size(2) * x.size(3);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_silu", [&] {
    over_rows(x, [&](int64_t row, int64_t count) {
      while (count > 0) {
        const int64_t clip = row / rows_a_clip, here = std::min(count, (clip + 1) * rows_a_clip - row);
        rms_silu_rows(x.const_data_ptr<scalar_t>() + row * C, gamma.const_data_ptr<scalar_t>(),
                      y.mutable_data_ptr<scalar_t>() + (row + (clip + 1) * rows_of_past) * C, here, C);
        row += here;
        count -= here;
      }
    });
  });
}

at::Tensor backward_on_cpu(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& grad_y) {
  const int64_t C = x.size(4), rows_a_clip = x.size(1) * x.size(2) * x.size(3);
  const int64_t rows_of_past = (grad_y.size(1) - x.size(1)) * x.size(2) * x.size(3);
  const at::Tensor grad_x = at::empty_like(x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_silu", [&] {
    over_rows(x, [&](int64_t row, int64_t count) {
      while (count > 0) {
        const int64_t clip = row / rows_a_clip, here = std::min(count, (clip + 1) * rows_a_clip - row);
        rms_silu_rows_backward(x.const_data_ptr<scalar_t>() + row * C, gamma.const_data_ptr<scalar_t>(),
                               grad_y.const_data_ptr<scalar_t>() + (row + (clip + 1) * rows_of_past) * C,
                               grad_x.mutable_data_ptr<scalar_t>() + row * C, here, C);
        row += here;
        count -= here;
      }
    });
  });
  return grad_x;
}

/// Keeps x alone; everything between x and y is formed again in the backward.
struct FrozenRmsSilu : torch::autograd::Function<FrozenRmsSilu> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& past, const at::Tensor& x_any,
                            const at::Tensor& gamma) {
    const at::Tensor x = x_any.contiguous();
    ctx->save_for_backward({x, gamma});
    ctx->saved_data["past"] = past.size(1);
    if (!has_kernel(x)) return at::cat({past, at::silu(channel_rms(x, gamma))}, 1);
    const at::Tensor y =
        at::empty({x.size(0), past.size(1) + x.size(1), x.size(2), x.size(3), x.size(4)}, x.options());
    y.narrow(1, 0, past.size(1)).copy_(past);
    fill_after_past(x, gamma, y);
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &gamma = saved[1];
    const int64_t num_past = ctx->saved_data["past"].toInt();
    const at::Tensor grad_y = grads[0].contiguous();
    variable_list result(3);
    if (ctx->needs_input_grad(0)) result[0] = grad_y.narrow(1, 0, num_past);
    if (!ctx->needs_input_grad(1)) return result;
    if (has_kernel(x)) {
      result[1] = backward_on_cpu(x, gamma, grad_y);
    } else {
      const at::AutoGradMode gradient_on(true);
      const at::Tensor leaf = x.detach().requires_grad_();
      const at::Tensor y = at::silu(channel_rms(leaf, gamma));
      result[1] = torch::autograd::grad({y}, {leaf}, {grad_y.narrow(1, num_past, x.size(1))})[0];
    }
    return result;
  }
};

}  // namespace

at::Tensor channel_rms(const at::Tensor& x, const at::Tensor& gamma) {
  const at::Tensor wide = upcast(x);
  const at::Tensor length = at::linalg_vector_norm(wide, 2, at::IntArrayRef{-1}, /*keepdim=*/true);
  const at::Tensor unit = (wide / length.clamp_min(1e-12)).to(x.scalar_type());
  return unit * std::sqrt(double(x.size(-1))) * gamma;
}

at::Tensor rms_silu_after(const at::Tensor& past_BPHWC, const at::Tensor& x_BTHWC, const at::Tensor& gamma) {
  if (!gamma.requires_grad()) return FrozenRmsSilu::apply(past_BPHWC, x_BTHWC, gamma);
  return at::cat({past_BPHWC, at::silu(channel_rms(x_BTHWC, gamma))}, /*dim=*/1);
}

}  // namespace drf::ops
