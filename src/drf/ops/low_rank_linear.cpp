#include "drf/ops/low_rank_linear.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "drf/tensor/dry_run.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// a^T b in `wide`, summed over the rows in it too; a [rows, m], b [rows, n], of one type. A half product's
/// result would be rounded to 8 or 11 bits once a layer and clip, and cuBLAS may sum parts of it in that
/// type.
at::Tensor product_over_rows(const at::Tensor& a, const at::Tensor& b, at::ScalarType wide) {
  if (a.scalar_type() == wide) return at::mm(a.t(), b);
  // CUDA's kernels read half numbers and write float32: nothing is converted, nothing allocated beside it.
  if (a.is_cuda()) return at::mm(a.t(), b, at::kFloat).to(wide);
  const auto options = a.options().dtype(wide);
  if (!stands_for_cpu(a)) return at::empty({a.size(1), b.size(1)}, options);  // a dry run for CUDA
  // The CPU's write the type that they read: some rows at a time are converted, 4 MiB of float32.
  constexpr int64_t kNumbers = int64_t{1} << 20;
  const int64_t rows = std::max<int64_t>(1, kNumbers / std::max(a.size(1), b.size(1)));
  at::Tensor sum = at::zeros({a.size(1), b.size(1)}, options);
  for (int64_t begin = 0; begin < a.size(0); begin += rows) {
    const int64_t count = std::min(rows, a.size(0) - begin);
    sum.addmm_(a.narrow(0, begin, count).to(wide).t(), b.narrow(0, begin, count).to(wide));
  }
  return sum;
}

// With z = x A^T and y = x W^T + s z B^T:  dz = dy B,  dx = dy W + s dz A,  dA = s dz^T x,  dB = s dy^T z.
// The scale meets the small results only: float32 ones, and in dx the sum inside the product.
struct LowRankLinear : torch::autograd::Function<LowRankLinear> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x_any, const at::Tensor& weight,
                            const at::Tensor& A, const at::Tensor& B, const std::optional<at::Tensor>& bias,
                            double scale) {
    const at::Tensor x = x_any.reshape({-1, x_any.size(-1)});
    const at::Tensor z = at::mm(x, A.to(x.scalar_type()).t());
    at::Tensor y = bias ? at::addmm(*bias, x, weight.t()) : at::mm(x, weight.t());
    y.addmm_(z, B.to(x.scalar_type()).t(), /*beta=*/1, /*alpha=*/scale);
    ctx->save_for_backward({x, weight, A, B, z});  // the masters: rounded again is cheaper than kept twice
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
    const at::Tensor dz = at::mm(dy, B.to(x.scalar_type()));
    variable_list result(6);
    if (ctx->needs_input_grad(0)) {
      result[0] = at::mm(dy, weight)
                      .addmm_(dz, A.to(x.scalar_type()), /*beta=*/1, /*alpha=*/scale)
                      .view(ctx->saved_data["sizes"].toIntVector());
    }
    if (ctx->needs_input_grad(2)) result[2] = product_over_rows(dz, x, A.scalar_type()).mul_(scale);
    if (ctx->needs_input_grad(3)) result[3] = product_over_rows(dy, z, B.scalar_type()).mul_(scale);
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
