#include "drf/models/qwen/mlp.h"

#include <ATen/ATen.h>

namespace drf::qwen {

Mlp::Mlp(int64_t width, int64_t inner, bool bias)
    : gate_(width, inner, bias), up_(width, inner, bias), down_(inner, width, bias) {
  register_module("gate_proj", gate_);
  register_module("up_proj", up_);
  register_module("down_proj", down_);
}

at::Tensor Mlp::forward(const at::Tensor& x) const {
  return down_.forward(at::silu(gate_.forward(x)) * up_.forward(x));
}

}  // namespace drf::qwen
