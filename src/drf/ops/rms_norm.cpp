#include "drf/ops/rms_norm.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "drf/ops/parallel.h"
#include "drf/ops/row_kernels.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/precision.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor normalised(const at::Tensor& x, double eps) {
  return x * at::rsqrt(x.square().mean(-1, /*keepdim=*/true) + eps);
}

struct RmsNormOnCpu : torch::autograd::Function<RmsNormOnCpu> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_any, const at::Tensor& weight,
                            double eps) {
    const at::Tensor x = x_any.contiguous();
    ctx->save_for_backward({x, weight});
    ctx->saved_data["eps"] = eps;
    at::Tensor y = at::empty_like(x);
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm", [&] {
      over_rows(x, [&](int64_t begin, int64_t rows) {
        rms_norm_rows(x.const_data_ptr<scalar_t>() + begin, weight.const_data_ptr<scalar_t>(),
                      y.mutable_data_ptr<scalar_t>() + begin, rows, x.size(-1), eps);
      });
    });
    return y;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], grad = grads[0].contiguous();
    const double eps = ctx->saved_data["eps"].toDouble();
    variable_list result(3);
    if (ctx->needs_input_grad(0)) {
      result[0] = at::empty_like(x);
      AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rms_norm_backward", [&] {
        over_rows(x, [&](int64_t begin, int64_t rows) {
          rms_norm_rows_backward(x.const_data_ptr<scalar_t>() + begin, weight.const_data_ptr<scalar_t>(),
                                 grad.const_data_ptr<scalar_t>() + begin,
                                 result[0].mutable_data_ptr<scalar_t>() + begin, rows, x.size(-1), eps);
        });
      });
    }
    if (ctx->needs_input_grad(1)) {
      result[1] = (grad * normalised(x, eps)).reshape({-1, x.size(-1)}).sum(0);
    }
    return result;
  }
};

bool has_kernel(const at::Tensor& x, const at::Tensor& weight) {
  return stands_for_cpu(x) && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble) &&
         weight.scalar_type() == x.scalar_type() && weight.is_contiguous();
}

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps) {
  if (has_kernel(x, weight)) return RmsNormOnCpu::apply(x, weight, eps);
  return weight * normalised(upcast(x), eps).to(x.scalar_type());
}

}  // namespace drf::ops
