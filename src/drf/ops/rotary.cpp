#include "drf/ops/rotary.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include "drf/base/error.h"
#include "drf/ops/device_rows.h"
#include "drf/ops/parallel.h"
#include "drf/ops/row_kernels.h"
#include "drf/tensor/dry_run.h"
#include "drf/tensor/precision.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool has_kernel(const at::Tensor& x, const at::Tensor& cos) {
  return stands_for_cpu(x) && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kDouble) &&
         cos.scalar_type() == x.scalar_type() && cos.is_contiguous() && x.stride(-1) == 1;
}

at::Tensor on_cpu(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin, int64_t turned,
                  bool back) {
  at::Tensor y = at::empty(x.sizes(), x.options());
  if (x.is_meta()) return y;
  const int64_t tokens = x.size(1), heads = x.size(2), half = x.size(3) / 2, token_size = heads * 2 * half;
  AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "rotate", [&] {
    const auto* from = x.const_data_ptr<scalar_t>();
    auto* to = y.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, x.size(0) * tokens, grain_of(token_size), [&](int64_t begin, int64_t end) {
      while (begin < end) {  // one row of tokens at a time
        const int64_t row = begin / tokens, token = begin % tokens;
        const int64_t count = std::min(end - begin, tokens - token);
        rotate_tokens(from + row * x.stride(0) + token * x.stride(1), x.stride(1), x.stride(2),
                      cos.const_data_ptr<scalar_t>() + token * half,
                      sin.const_data_ptr<scalar_t>() + token * half, to + begin * token_size, count, heads,
                      turned, half, back);
        begin += count;
      }
    });
  });
  return y;
}

at::Tensor turned_by(const at::Tensor& x, const at::Tensor& cos_LC, const at::Tensor& sin_LC, int64_t turned,
                     bool back) {
  if (has_kernel(x, cos_LC)) return on_cpu(x, cos_LC, sin_LC, turned, back);
  const at::Tensor cos = cos_LC.unsqueeze(1), sin = sin_LC.unsqueeze(1);  // beside all heads
  const at::Tensor wide = x.narrow(2, 0, turned).to(cos.scalar_type());
  const auto halves = wide.chunk(2, -1);
  const double direction = back ? -1 : 1;
  at::Tensor y = at::empty(x.sizes(), x.options());
  const auto out = y.narrow(2, 0, turned).chunk(2, -1);
  out[0].copy_((halves[0] * cos).addcmul_(halves[1], sin, -direction));
  out[1].copy_((halves[1] * cos).addcmul_(halves[0], sin, direction));
  if (turned < x.size(2)) y.slice(2, turned).copy_(x.slice(2, turned));
  return y;
}

/// A rotation's gradient is the rotation back: nothing but the table is kept.
struct Rotate : torch::autograd::Function<Rotate> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& cos,
                            const at::Tensor& sin, int64_t turned) {
    ctx->save_for_backward({cos, sin});
    ctx->saved_data["turned"] = turned;
    return turned_by(x, cos, sin, turned, false);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto saved = ctx->get_saved_variables();
    const int64_t turned = ctx->saved_data["turned"].toInt();
    return {turned_by(grads[0], saved[0], saved[1], turned, true), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

struct DeviceRotatePairs : torch::autograd::Function<DeviceRotatePairs> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& x, const at::Tensor& table) {
    ctx->save_for_backward({table});
    return device_rotate_pairs(x, table, false);
  }
  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    return {device_rotate_pairs(for_device_rows(grads[0]), ctx->get_saved_variables()[0], true),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor inverse_frequencies(int64_t dim, double theta, at::ScalarType dtype) {
  const at::Tensor exponents = at::arange(0, dim, 2, dtype) / static_cast<double>(dim);
  return at::reciprocal(at::pow(at::Scalar(theta), exponents));
}

at::Tensor rotate(const at::Tensor& x_BLND, const RotaryTable& table, int64_t turned) {
  const int64_t tokens = x_BLND.size(1), half = x_BLND.size(3) / 2;
  DRF_CHECK(x_BLND.dim() == 4 && x_BLND.size(3) == 2 * half && turned <= x_BLND.size(2) &&
                table.cos.sizes() == at::IntArrayRef({tokens, half}) &&
                table.sin.sizes() == table.cos.sizes(),
            "heads ", x_BLND.sizes(), ", angles ", table.cos.sizes());
  return Rotate::apply(x_BLND, table.cos, table.sin, turned);
}

at::Tensor rotate(const at::Tensor& x_BLND, const RotaryTable& table) {
  return rotate(x_BLND, table, x_BLND.size(2));
}

at::Tensor rotate_pairs(const at::Tensor& x_BLND, const at::Tensor& table) {
  if (table.device() == x_BLND.device() && table.scalar_type() == at::kComplexFloat &&
      table.is_contiguous() && table.numel() * 2 == x_BLND.size(1) * x_BLND.size(3) &&
      has_device_rows(x_BLND))
    return DeviceRotatePairs::apply(x_BLND, table);
  const at::Tensor pairs = at::view_as_complex(upcast(x_BLND).unflatten(-1, {-1, 2}));
  return at::view_as_real(pairs * table).flatten(-2).to(x_BLND.scalar_type());
}

}  // namespace drf::ops
