#include "drf/ops/shared_prefix_attention.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <limits>

#include "drf/tensor/dry_run.h"
#include "drf/tensor/precision.h"

namespace drf::ops {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// [.., tokens, heads, D] <-> [.., heads, tokens, D]: what the kernels want is a view of what linear layers
/// give.
at::Tensor heads_first(const at::Tensor& x) { return x.transpose(-3, -2); }

/// One kernel's result: out [b, H, q, D], lse [b, H, q] (natural logarithm, float32 or wider), and what the
/// CUDA kernel wants back in its backward.
struct Part {
  at::Tensor out, lse, cum_q, cum_k, rng_state, unused;
  int64_t max_q = 0, max_k = 0;
};

Part flash(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, bool causal, double scale) {
  Part part;
  if (q.is_cuda()) {
    auto r = at::_scaled_dot_product_flash_attention(q, k, v, 0.0, causal, false, scale);
    part = {std::get<0>(r),
            std::get<1>(r),
            std::get<2>(r),
            std::get<3>(r),
            std::get<6>(r),
            std::get<7>(r),
            std::get<4>(r).expect_int(),
            std::get<5>(r).expect_int()};
  } else {
    std::tie(part.out, part.lse) =
        at::_scaled_dot_product_flash_attention_for_cpu(q, k, v, 0.0, causal, {}, scale);
  }
  return part;
}

/// Gradients of q, k, v; `part` holds the merged output and log-sum-exp.
std::tuple<at::Tensor, at::Tensor, at::Tensor> flash_backward(const at::Tensor& grad, const at::Tensor& q,
                                                              const at::Tensor& k, const at::Tensor& v,
                                                              const Part& part, bool causal, double scale) {
  if (q.is_cuda()) {
    return at::_scaled_dot_product_flash_attention_backward(grad, q, k, v, part.out, part.lse.contiguous(),
                                                            part.cum_q, part.cum_k, part.max_q, part.max_k,
                                                            0.0, causal, part.rng_state, part.unused, scale);
  }
  return at::_scaled_dot_product_flash_attention_for_cpu_backward(grad, q, k, v, part.out, part.lse, 0.0,
                                                                  causal, {}, scale);
}

/// [B, N, S, H, ...] -> all continuations of a prefix as one row of queries [B, H, N*S, ...].
at::Tensor beside_prefix(const at::Tensor& x) { return x.flatten(1, 2).transpose(1, 2); }
/// [B, N, S, H, ...] -> each continuation alone [B*N, H, S, ...].
at::Tensor alone(const at::Tensor& x) { return x.flatten(0, 1).transpose(1, 2); }

struct SharedPrefixAttention : torch::autograd::Function<SharedPrefixAttention> {
  static at::Tensor forward(AutogradContext* ctx, const at::Tensor& q, const at::Tensor& k_prefix,
                            const at::Tensor& v_prefix, const at::Tensor& k, const at::Tensor& v,
                            double scale) {
    const auto token_shape = q.sizes().slice(0, 4);  // [B, N, S, H]
    const Part prefix = flash(beside_prefix(q), heads_first(k_prefix), heads_first(v_prefix), false, scale);
    const Part own = flash(alone(q), alone(k), alone(v), true, scale);
    const auto as_tokens = [&](const at::Tensor& lse) { return lse.transpose(1, 2).reshape(token_shape); };
    const at::Tensor prefix_lse = as_tokens(prefix.lse), own_lse = as_tokens(own.lse);
    const at::Tensor lse = at::logaddexp(prefix_lse, own_lse);
    const auto weighted = [&](const Part& part, const at::Tensor& part_lse) {
      const at::Tensor out = part.out.transpose(1, 2).reshape(q.sizes()).to(lse.scalar_type());
      return out * (part_lse - lse).exp().unsqueeze(-1);
    };
    const at::Tensor out = weighted(prefix, prefix_lse).add_(weighted(own, own_lse)).to(q.scalar_type());
    ctx->save_for_backward({q, k_prefix, v_prefix, k, v, out, lse, prefix.cum_q, prefix.cum_k,
                            prefix.rng_state, prefix.unused, own.cum_q, own.cum_k, own.rng_state,
                            own.unused});
    ctx->saved_data["scale"] = scale;
    ctx->saved_data["max"] = std::vector<int64_t>{prefix.max_q, prefix.max_k, own.max_q, own.max_k};
    return out;
  }

  static variable_list backward(AutogradContext* ctx, variable_list grads) {
    const auto s = ctx->get_saved_variables();
    const at::Tensor &q = s[0], &k_prefix = s[1], &v_prefix = s[2], &k = s[3], &v = s[4], &out = s[5],
                     &lse = s[6];
    const double scale = ctx->saved_data["scale"].toDouble();
    const auto max = ctx->saved_data["max"].toIntVector();
    const at::Tensor grad = grads[0].contiguous();
    const Part prefix{beside_prefix(out), beside_prefix(lse), s[7], s[8], s[9], s[10], max[0], max[1]};
    const Part own{alone(out), alone(lse), s[11], s[12], s[13], s[14], max[2], max[3]};
    const auto [dq_prefix, dk_prefix, dv_prefix] =
        flash_backward(beside_prefix(grad), beside_prefix(q), heads_first(k_prefix), heads_first(v_prefix),
                       prefix, false, scale);
    const auto [dq_own, dk, dv] = flash_backward(alone(grad), alone(q), alone(k), alone(v), own, true, scale);
    const auto as_tokens = [](const at::Tensor& x, const at::Tensor& like) {
      return x.transpose(1, 2).reshape(like.sizes());
    };
    return {as_tokens(dq_prefix, q) + as_tokens(dq_own, q),
            heads_first(dk_prefix),
            heads_first(dv_prefix),
            as_tokens(dk, k),
            as_tokens(dv, v),
            at::Tensor()};
  }
};

bool has_flash(const at::Tensor& q) {
  if (!q.is_cuda() && !q.is_meta()) return q.is_cpu();
  if (stands_for_cpu(q)) return true;
  const int64_t width = q.size(-1);
  return c10::elementSize(q.scalar_type()) == 2 && width % 8 == 0 && width <= 256;
}

/// [.., G, D] -> [.., H, D] without copying: each key head serves H / G query heads.
at::Tensor repeat_heads(const at::Tensor& x, int64_t heads) {
  const int64_t groups = heads / x.size(-2);
  return groups == 1 ? x : x.unsqueeze(-2).expand({-1, -1, -1, groups, -1}).flatten(-3, -2);
}

}  // namespace

at::Tensor causal_attention(const at::Tensor& q_BPHD, const at::Tensor& k_BPGD, const at::Tensor& v_BPGD,
                            double scale) {
  // Where no flash kernel takes shared heads, libtorch would fall back to the whole matrix of scores.
  const bool shared_heads = has_flash(q_BPHD);
  const auto keys = [&](const at::Tensor& x) {
    return heads_first(shared_heads ? x : repeat_heads(x, q_BPHD.size(-2)));
  };
  return heads_first(
      at::scaled_dot_product_attention(heads_first(q_BPHD), keys(k_BPGD), keys(v_BPGD), {}, 0.0,
                                       /*is_causal=*/true, scale, /*enable_gqa=*/shared_heads));
}

at::Tensor shared_prefix_attention(const at::Tensor& q_BNSHD, const at::Tensor& k_BPGD,
                                   const at::Tensor& v_BPGD, const at::Tensor& k_BNSGD,
                                   const at::Tensor& v_BNSGD, double scale) {
  if (!has_flash(q_BNSHD)) {
    return shared_prefix_attention_plain(q_BNSHD, k_BPGD, v_BPGD, k_BNSGD, v_BNSGD, scale);
  }
  return SharedPrefixAttention::apply(q_BNSHD, k_BPGD, v_BPGD, k_BNSGD, v_BNSGD, scale);
}

at::Tensor shared_prefix_attention_plain(const at::Tensor& q_BNSHD, const at::Tensor& k_BPGD,
                                         const at::Tensor& v_BPGD, const at::Tensor& k_BNSGD,
                                         const at::Tensor& v_BNSGD, double scale) {
  const int64_t prefixes = q_BNSHD.size(0), questions = q_BNSHD.size(1), tokens = q_BNSHD.size(2);
  const int64_t heads = q_BNSHD.size(3), prefix = k_BPGD.size(1);
  const auto prefix_keys = [&](const at::Tensor& x) {
    return heads_first(repeat_heads(x, heads));
  };  // [B,H,P,D]
  const auto own_keys = [&](const at::Tensor& x) {
    return heads_first(repeat_heads(x.flatten(0, 1), heads));  // [B*N, H, S, D]
  };
  const auto unfold = [&](const at::Tensor& x) {  // [B, H, N*S, X] -> [B*N, H, S, X]
    return x.unflatten(2, {questions, tokens}).transpose(1, 2).flatten(0, 1);
  };
  const at::Tensor with_prefix =
      unfold(at::matmul(beside_prefix(q_BNSHD), prefix_keys(k_BPGD).transpose(-2, -1)));
  const at::Tensor later =
      at::ones({tokens, tokens}, q_BNSHD.options().dtype(at::kBool)).triu(/*diagonal=*/1);
  const at::Tensor with_own = at::matmul(alone(q_BNSHD), own_keys(k_BNSGD).transpose(-2, -1))
                                  .masked_fill(later, -std::numeric_limits<double>::infinity());
  const at::Tensor scores = at::cat({with_prefix, with_own}, -1);
  const at::Tensor weights = at::softmax(upcast(scores) * scale, -1).to(q_BNSHD.scalar_type());
  const at::Tensor prefix_weights = weights.narrow(-1, 0, prefix)
                                        .unflatten(0, {prefixes, questions})
                                        .transpose(1, 2)
                                        .flatten(2, 3);  // [B, H, N*S, P]
  const at::Tensor out = unfold(at::matmul(prefix_weights, prefix_keys(v_BPGD))) +
                         at::matmul(weights.narrow(-1, prefix, tokens), own_keys(v_BNSGD));
  return heads_first(out).unflatten(0, {prefixes, questions});
}

}  // namespace drf::ops
