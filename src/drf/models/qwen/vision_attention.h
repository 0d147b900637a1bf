#pragma once
// Self-attention of a vision tower: queries, keys and values in one layer, turned by row and column, within
// windows or within all patches of one temporal patch, never across time.
//
// Shape letters: F temporal patches, L patches of one, D width.

#include <ATen/core/Tensor.h>

#include <vector>

#include "drf/nn/linear.h"
#include "drf/nn/module.h"
#include "drf/ops/rotary.h"

namespace drf::qwen {

/// `count` windows of `length` patches each, in patches `begin` .. `begin + count * length`.
struct WindowGroup {
  int64_t begin = 0, count = 0, length = 0;
};

class VisionAttention : public nn::Module {
 public:
  /// Registers "qkv" and "proj", both with bias. `heads` divides `width`.
  VisionAttention(int64_t width, int64_t heads);
  /// x_FLD -> the same shape; every patch sees all of its temporal patch. rotary: [L, head / 2].
  at::Tensor forward(const at::Tensor& x_FLD, const ops::RotaryTable& rotary) const;
  /// The same within windows, which cover all of L.
  at::Tensor forward(const at::Tensor& x_FLD, const ops::RotaryTable& rotary,
                     const std::vector<WindowGroup>& windows) const;

 private:
  int64_t num_heads_, head_dim_;
  nn::Linear qkv_, proj_;
};

}  // namespace drf::qwen
