#include "drf/ops/rotary.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// direction 1 turns, -1 turns back.
at::Tensor turned(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, double direction) {
  const at::Tensor wide = x.to(cos.scalar_type());
  const int64_t half = wide.size(-1) / 2;
  const at::Tensor first = wide.narrow(-1, 0, half), second = wide.narrow(-1, half, half);
  at::Tensor out = at::empty(wide.sizes(), wide.options());
  at::Tensor out_first = out.narrow(-1, 0, half), out_second = out.narrow(-1, half, half);
  at::mul_out(out_first, first, cos).addcmul_(second, sin, -direction);
  at::mul_out(out_second, second, cos).addcmul_(first, sin, direction);
  return out.to(x.scalar_type());
}

/// A rotation's gradient is the rotation back: nothing but the table is kept.
struct Rotate : torch::autograd::Function<Rotate> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& cos,
                            const at::Tensor& sin) {
    ctx->save_for_backward({cos, sin});
    return turned(x, cos, sin, 1);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    return {turned(grads[0], saved[0], saved[1], -1), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor inverse_frequencies(int64_t dim, double theta, at::ScalarType dtype) {
  const at::Tensor exponents = at::arange(0, dim, 2, dtype) / static_cast<double>(dim);
  return at::reciprocal(at::pow(at::Scalar(theta), exponents));
}

at::Tensor rotate(const at::Tensor& x, const RotaryTable& table) {
  return Rotate::apply(x, table.cos, table.sin);
}

}  // namespace drf::ops
