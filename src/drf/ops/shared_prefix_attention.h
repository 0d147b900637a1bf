#pragma once
// Attention of many independent continuations of one prefix, without repeating the prefix: each query sees
// the whole prefix and its own continuation up to itself. Both parts run in libtorch's flash kernels and are
// merged by their log-sum-exps; the backward runs the same kernels on the merged output, which makes it exact
// (P = exp(s - L) and rowsum(dO * O) are then the global ones, as in ring attention).
//
// Shape letters: B prefixes, N continuations of each, S tokens of a continuation, P tokens of a prefix,
// H query heads, G key and value heads (G divides H; head h uses h / (H / G)), D head width.

#include <ATen/core/Tensor.h>

namespace drf::ops {

/// Causal attention of whole sequences. q_BPHD, k_BPGD, v_BPGD (any strides, last dimension dense) ->
/// [B, P, H, D] in q's dtype.
at::Tensor causal_attention(const at::Tensor& q_BPHD, const at::Tensor& k_BPGD, const at::Tensor& v_BPGD,
                            double scale);

/// q_BNSHD [B, N, S, H, D]; k_BPGD, v_BPGD the prefix; k_BNSGD, v_BNSGD the continuations -> [B, N, S, H, D].
/// A short continuation is padded at its end: what lies after a token does not reach it. Differentiable in
/// all five; softmax and merge in float32 or wider. Uses the flash kernels on the CPU and, for half types
/// with D a multiple of 8 up to 256, on CUDA; plain matrix products elsewhere.
at::Tensor shared_prefix_attention(const at::Tensor& q_BNSHD, const at::Tensor& k_BPGD,
                                   const at::Tensor& v_BPGD, const at::Tensor& k_BNSGD,
                                   const at::Tensor& v_BNSGD, double scale);

/// The same by plain matrix products and one softmax, on any device: the yardstick of the above.
at::Tensor shared_prefix_attention_plain(const at::Tensor& q_BNSHD, const at::Tensor& k_BPGD,
                                         const at::Tensor& v_BPGD, const at::Tensor& k_BNSGD,
                                         const at::Tensor& v_BNSGD, double scale);

}  // namespace drf::ops
