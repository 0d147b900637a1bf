#include "drf/models/qwen/vision_attention.h"

#include <ATen/ATen.h>

#include <cmath>

namespace drf::qwen {
namespace {

/// q, k, v [batch, tokens, heads, D] -> the same shape: every token sees all of its row.
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, double scale) {
  const auto heads_first = [](const at::Tensor& x) { return x.transpose(1, 2); };
  return at::scaled_dot_product_attention(heads_first(q), heads_first(k), heads_first(v), {}, 0.0, false,
                                          scale)
      .transpose(1, 2);
}

}  // namespace

VisionAttention::VisionAttention(int64_t width, int64_t heads)
    : num_heads_(heads), head_dim_(width / heads), qkv_(width, 3 * width), proj_(width, width) {
  register_module("qkv", qkv_);
  register_module("proj", proj_);
}

at::Tensor VisionAttention::forward(const at::Tensor& x_FLD, const ops::RotaryTable& rotary) const {
  return forward(x_FLD, rotary, {{0, 1, x_FLD.size(1)}});
}

at::Tensor VisionAttention::forward(const at::Tensor& x_FLD, const ops::RotaryTable& rotary,
                                    const std::vector<WindowGroup>& windows) const {
  const double scale = 1.0 / std::sqrt(static_cast<double>(head_dim_));
  // Queries, keys and values lie side by side: one rotation over the first two thirds of the heads.
  const at::Tensor qkv = qkv_.forward(x_FLD).unflatten(-1, {3 * num_heads_, head_dim_});
  const auto parts = ops::rotate(qkv, rotary, 2 * num_heads_).chunk(3, 2);
  const at::Tensor &q = parts[0], &k = parts[1], &v = parts[2];  // [F, L, N, head]
  const bool whole = windows.size() == 1 && windows[0].count == 1;
  if (whole) return proj_.forward(attend(q, k, v, scale).flatten(-2));
  std::vector<at::Tensor> outs;
  for (const WindowGroup& group : windows) {
    const auto cut = [&](const at::Tensor& x) {  // [F * count, length, N, head]
      return x.narrow(1, group.begin, group.count * group.length)
          .unflatten(1, {group.count, group.length})
          .flatten(0, 1);
    };
    outs.push_back(attend(cut(q), cut(k), cut(v), scale)
                       .reshape({x_FLD.size(0), group.count * group.length, x_FLD.size(2)}));
  }
  return proj_.forward(outs.size() == 1 ? outs[0] : at::cat(outs, 1));
}

}  // namespace drf::qwen
