#include "drf/ops/rms_norm.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "drf/ops/device_rows.h"
#include "drf/ops/parallel.h"
#include "drf/ops/row_kernels.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/precision.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool has_kernel(const at::Tensor& x, const at::Tensor& weight) {
  return stands_for_cpu(x) && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble) &&
         weight.scalar_type() == x.scalar_type() && weight.is_contiguous();
}

at::Tensor forward_on_cpu(const at::Tensor& x, const at::Tensor& weight, double eps) {
  at::Tensor y = at::empty_like(x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm", [&] {
    over_rows(x, [&](int64_t begin, int64_t rows) {
      rms_norm_rows(x.const_data_ptr<scalar_t>() + begin, weight.const_data_ptr<scalar_t>(),
                    y.mutable_data_ptr<scalar_t>() + begin, rows, x.size(-1), eps);
    });
  });
  return y;
}

at::Tensor backward_on_cpu(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& grad,
                           double eps) {
  at::Tensor grad_x = at::empty_like(x);
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm_backward", [&] {
    over_rows(x, [&](int64_t begin, int64_t rows) {
      rms_norm_rows_backward(x.const_data_ptr<scalar_t>() + begin, weight.const_data_ptr<scalar_t>(),
                             grad.const_data_ptr<scalar_t>() + begin,
                             grad_x.mutable_data_ptr<scalar_t>() + begin, rows, x.size(-1), eps);
    });
  });
  return grad_x;
}

bool on_device(const at::Tensor& x, const at::Tensor& weight) {
  return has_device_rows(x) && weight.dim() == 1 && fits_rows(weight, x, /*same_type=*/true);
}

// By libtorch's operators, on any device: some rows at a time, so that what is wider than x stays small.

/// run(begin, rows) over the rows of x's last dimension, 2^22 numbers at a time.
template <typename Run>
void over_many_rows(const at::Tensor& x, const Run& run) {
  const int64_t C = x.size(-1), rows = C == 0 ? 0 : x.numel() / C;
  const int64_t step = std::max<int64_t>(1, (int64_t{1} << 22) / std::max<int64_t>(C, 1));
  for (int64_t begin = 0; begin < rows; begin += step) run(begin, std::min(step, rows - begin));
}
at::Tensor rows_of(const at::Tensor& x, int64_t begin, int64_t rows) {
  return x.view({-1, x.size(-1)}).narrow(0, begin, rows);
}
at::Tensor inverse_rms(const at::Tensor& wide_RC, double eps) {
  return at::rsqrt(wide_RC.square().mean(-1, /*keepdim=*/true) + eps);
}

at::Tensor forward_composed(const at::Tensor& x, const at::Tensor& weight, double eps) {
  at::Tensor y = at::empty(x.sizes(), x.options().dtype(at::result_type(x, weight)));
  over_many_rows(x, [&](int64_t begin, int64_t rows) {
    const at::Tensor wide = upcast(rows_of(x, begin, rows));
    at::Tensor out = rows_of(y, begin, rows);
    at::mul_out(out, weight, (wide * inverse_rms(wide, eps)).to(x.scalar_type()));
  });
  return y;
}

// With y = w x r and r = (mean(x^2) + eps)^(-1/2):  dx = r (w g - x r^2 mean(x w g)),  dw = sum of g x r.
at::Tensor backward_composed(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& grad,
                             double eps) {
  at::Tensor grad_x = at::empty_like(x);
  over_many_rows(x, [&](int64_t begin, int64_t rows) {
    const at::Tensor wide = upcast(rows_of(x, begin, rows)), r = inverse_rms(wide, eps);
    at::Tensor wg = upcast(rows_of(grad, begin, rows)) * upcast(weight);
    const at::Tensor along = (wide * wg).mean(-1, /*keepdim=*/true).mul_(r).mul_(r);
    rows_of(grad_x, begin, rows).copy_(wg.addcmul_(wide, along, -1).mul_(r));
  });
  return grad_x;
}

at::Tensor weight_gradient(const at::Tensor& x, const at::Tensor& grad, double eps) {
  at::Tensor sum = at::zeros({x.size(-1)}, x.options().dtype(at_least_float(x.scalar_type())));
  over_many_rows(x, [&](int64_t begin, int64_t rows) {
    const at::Tensor wide = upcast(rows_of(x, begin, rows));
    sum += (wide * inverse_rms(wide, eps)).mul_(rows_of(grad, begin, rows)).sum(0);
  });
  return sum;
}

/// Keeps x alone.
struct RmsNorm : torch::autograd::Function<RmsNorm> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_any, const at::Tensor& weight,
                            double eps) {
    const at::Tensor x = x_any.contiguous();
    ctx->save_for_backward({x, weight});
    ctx->saved_data["eps"] = eps;
    if (has_kernel(x, weight)) return forward_on_cpu(x, weight, eps);
    return on_device(x, weight) ? device_rms_norm(x, weight, eps) : forward_composed(x, weight, eps);
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], grad = for_device_rows(grads[0]);
    const double eps = ctx->saved_data["eps"].toDouble();
    variable_list result(3);
    if (ctx->needs_input_grad(0)) {
      result[0] = has_kernel(x, weight)  ? backward_on_cpu(x, weight, grad, eps)
                  : on_device(x, weight) ? device_rms_norm_backward(x, weight, grad, eps)
                                         : backward_composed(x, weight, grad, eps);
    }
    if (ctx->needs_input_grad(1)) result[1] = weight_gradient(x, grad, eps).to(weight.scalar_type());
    return result;
  }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  return RmsNorm::apply(x, weight, eps);
}

}  // namespace drf::ops
