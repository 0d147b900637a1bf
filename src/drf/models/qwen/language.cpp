#include "drf/models/qwen/language.h"

#include <ATen/ATen.h>

#include <cmath>

#include "drf/base/error.h"
#include "drf/ops/shared_prefix_attention.h"
#include "drf/tensor/precision.h"

namespace drf::qwen {

struct Attention::Heads {
  at::Tensor q_prefix, k_prefix, v_prefix;  ///< [B, P, heads, head_dim]; q undefined where nobody asks for it
  at::Tensor q, k, v;                       ///< [B, N, S, heads, head_dim]
};

Attention::Attention(const TextConfig& c)
    : num_heads_(c.num_heads),
      num_kv_heads_(c.num_kv_heads),
      head_dim_(c.head_dim),
      scale_(1.0 / std::sqrt(static_cast<double>(c.head_dim))),
      q_proj_(c.hidden_size, c.num_heads * c.head_dim, c.qkv_bias),
      k_proj_(c.hidden_size, c.num_kv_heads * c.head_dim, c.qkv_bias),
      v_proj_(c.hidden_size, c.num_kv_heads * c.head_dim, c.qkv_bias),
      o_proj_(c.num_heads * c.head_dim, c.hidden_size, /*bias=*/false) {
  register_module("q_proj", q_proj_);
  register_module("k_proj", k_proj_);
  register_module("v_proj", v_proj_);
  register_module("o_proj", o_proj_);
  if (!c.qk_norm) return;
  q_norm_ = std::make_unique<nn::RmsNorm>(c.head_dim, c.rms_norm_eps);
  k_norm_ = std::make_unique<nn::RmsNorm>(c.head_dim, c.rms_norm_eps);
  register_module("q_norm", *q_norm_);
  register_module("k_norm", *k_norm_);
}

Attention::Heads Attention::project(const at::Tensor& x_TD, const Layout& l, const ops::RotaryTable& rotary,
                                    bool prefix_queries) const {
  const auto split_heads = [&](const at::Tensor& x) { return x.unflatten(-1, {-1, head_dim_}); };
  const auto turn = [&](const at::Tensor& x, const nn::RmsNorm* norm, const ops::RotaryTable& table) {
    const at::Tensor split = split_heads(x);  // [T, heads, head_dim]
    return ops::rotate((norm ? norm->forward(split) : split).unsqueeze(0), table).squeeze(0);
  };
  const auto as_prefix = [&](const at::Tensor& x) { return x.unflatten(0, {l.clips, l.prefix}); };
  const auto as_suffix = [&](const at::Tensor& x) {
    return x.unflatten(0, {l.clips, l.questions, l.suffix});
  };
  // One split, whose backward joins the parts; two slices would each be padded to the whole.
  const auto both = [&](const at::Tensor& x) {
    return x.split_with_sizes({l.prefix_tokens(), l.suffix_tokens()});
  };
  const auto k = both(turn(k_proj_.forward(x_TD), k_norm_.get(), rotary)),
             v = both(split_heads(v_proj_.forward(x_TD)));
  Heads heads;
  heads.k_prefix = as_prefix(k[0]);
  heads.v_prefix = as_prefix(v[0]);
  at::Tensor q_suffix;
  if (prefix_queries) {
    const auto q = both(turn(q_proj_.forward(x_TD), q_norm_.get(), rotary));
    heads.q_prefix = as_prefix(q[0]);
    q_suffix = q[1];
  } else if (l.suffix_tokens() > 0) {
    const int64_t begin = l.prefix_tokens();
    q_suffix = turn(q_proj_.forward(x_TD.slice(0, begin)), q_norm_.get(),
                    {rotary.cos.slice(0, begin), rotary.sin.slice(0, begin)});
  }
  if (l.suffix_tokens() > 0) {
    heads.q = as_suffix(q_suffix);
    heads.k = as_suffix(k[1]);
    heads.v = as_suffix(v[1]);
  }
  return heads;
}

at::Tensor Attention::suffix_context(const Heads& h, const Layout& l, const KeyValues& before) const {
  const auto whole = [&](const at::Tensor& first_1MGD, const at::Tensor& prefix_BPGD) {
    return before.k.defined() ? at::cat({first_1MGD.expand({l.clips, -1, -1, -1}), prefix_BPGD}, 1)
                              : prefix_BPGD;
  };
  return ops::shared_prefix_attention(h.q, whole(before.k, h.k_prefix), whole(before.v, h.v_prefix), h.k, h.v,
                                      scale_)
      .reshape({l.suffix_tokens(), num_heads_ * head_dim_});
}

at::Tensor Attention::context(const Heads& h, const Layout& l, const KeyValues& before) const {
  at::Tensor context;
  if (before.k.defined()) {  // the prefix is itself the one continuation of what stands before it
    const auto all_clips = [&](const at::Tensor& x) { return x.expand({l.clips, -1, -1, -1}); };
    context = ops::shared_prefix_attention(h.q_prefix.unsqueeze(1), all_clips(before.k), all_clips(before.v),
                                           h.k_prefix.unsqueeze(1), h.v_prefix.unsqueeze(1), scale_);
  } else {
    context = ops::causal_attention(h.q_prefix, h.k_prefix, h.v_prefix, scale_);
  }
  context = context.reshape({l.prefix_tokens(), num_heads_ * head_dim_});
  if (l.suffix_tokens() > 0) context = at::cat({context, suffix_context(h, l, before)});
  return context;
}

at::Tensor Attention::forward(const at::Tensor& x_TD, const Layout& l, const ops::RotaryTable& rotary,
                              const KeyValues& before) const {
  return o_proj_.forward(context(project(x_TD, l, rotary, /*prefix_queries=*/true), l, before));
}

KeyValues Attention::remember(const at::Tensor& x_MD, const ops::RotaryTable& rotary) const {
  const Layout layout{1, x_MD.size(0), 0, 0};
  const Heads heads = project(x_MD, layout, rotary, /*prefix_queries=*/false);
  return {heads.k_prefix, heads.v_prefix};
}

at::Tensor Attention::forward_rows(const at::Tensor& x_TD, const Layout& l, const ops::RotaryTable& rotary,
                                   const at::Tensor& rows_R, const KeyValues& before) const {
  const Heads h = project(x_TD, l, rotary, /*prefix_queries=*/false);
  return o_proj_.forward(suffix_context(h, l, before).index_select(0, rows_R));
}

at::Tensor Attention::read(const at::Tensor& x_TD, const Layout& l, const ops::RotaryTable& rotary,
                           TextCache& cache, size_t index) const {
  const Heads h = project(x_TD, l, rotary, /*prefix_queries=*/true);
  LayerCache& layer = cache.layers[index];
  const bool shared = l.suffix_tokens() > 0;
  DRF_CHECK(!shared || l.clips == 1);
  const auto keep = [&](const at::Tensor& rows_XSGC, at::Tensor& room_RGLC) {
    const at::Tensor placed = rows_XSGC.reshape({-1, num_kv_heads_, head_dim_})
                                  .index_select(0, cache.places_N)
                                  .unflatten(0, {room_RGLC.size(0), cache.filled});
    room_RGLC.narrow(2, 0, cache.filled).copy_(placed.transpose(1, 2));
  };
  keep(shared ? h.k : h.k_prefix, layer.k_RGLC);
  keep(shared ? h.v : h.v_prefix, layer.v_RGLC);
  if (shared) {
    layer.common_k_GPC = h.k_prefix.squeeze(0).transpose(0, 1).contiguous();
    layer.common_v_GPC = h.v_prefix.squeeze(0).transpose(0, 1).contiguous();
  }
  return o_proj_.forward(context(h, l, {}));
}

namespace {
/// q k^T of X heads, float32 or wider: half types would round what the softmax tells apart, and float16
/// overflow before it is scaled.
at::Tensor wide_scores(const at::Tensor& q_XQC, const at::Tensor& k_XLC) {
  const at::Tensor k_XCL = k_XLC.transpose(1, 2);
  if (q_XQC.is_cuda() && q_XQC.element_size() == 2) return at::bmm(q_XQC, k_XCL, at::kFloat);
  return at::bmm(upcast(q_XQC), upcast(k_XCL));
}
}  // namespace

// The query heads of a key head are rows beside each other, so that no key is repeated. One softmax over what
// is common and what is the row's own.
at::Tensor Attention::step(const at::Tensor& x_RD, const ops::RotaryTable& rotary, TextCache& cache,
                           size_t index) const {
  LayerCache& layer = cache.layers[index];
  const int64_t rows = x_RD.size(0), filled = cache.filled + 1, group = num_heads_ / num_kv_heads_;
  const Heads h = project(x_RD, {rows, 1, 0, 0}, rotary, /*prefix_queries=*/true);
  layer.k_RGLC.select(2, cache.filled).copy_(h.k_prefix.squeeze(1));
  layer.v_RGLC.select(2, cache.filled).copy_(h.v_prefix.squeeze(1));
  const at::Tensor k = layer.k_RGLC.narrow(2, 0, filled), v = layer.v_RGLC.narrow(2, 0, filled);
  const at::Tensor q_RGQC = h.q_prefix.squeeze(1).unflatten(1, {num_kv_heads_, group});
  const auto by_head = [&](const at::Tensor& x_RGQX) { return x_RGQX.transpose(0, 1).flatten(1, 2); };
  const auto by_row = [&](const at::Tensor& x) { return x.unflatten(1, {rows, group}).transpose(0, 1); };

  at::Tensor scores =
      wide_scores(q_RGQC.flatten(0, 1), k.flatten(0, 1))
          .unflatten(0, {rows, num_kv_heads_})
          .masked_fill(cache.hidden_RL.narrow(1, 0, filled).unsqueeze(1).unsqueeze(1), -INFINITY);
  const int64_t common = layer.common_k_GPC.defined() ? layer.common_k_GPC.size(1) : 0;
  if (common > 0) {
    const at::Tensor first = by_row(wide_scores(by_head(q_RGQC), layer.common_k_GPC));
    scores = at::cat({first, scores}, -1);
  }
  const at::Tensor weights = at::softmax(scores * scale_, -1).to(x_RD.scalar_type());
  at::Tensor out_RGQC = at::matmul(weights.narrow(-1, common, filled), v);
  if (common > 0) {
    out_RGQC = out_RGQC + by_row(at::matmul(by_head(weights.narrow(-1, 0, common)), layer.common_v_GPC));
  }
  return o_proj_.forward(out_RGQC.reshape({rows, num_heads_ * head_dim_}));
}

DecoderLayer::DecoderLayer(const TextConfig& c)
    : input_layernorm_(c.hidden_size, c.rms_norm_eps),
      post_attention_layernorm_(c.hidden_size, c.rms_norm_eps),
      self_attn_(c),
      mlp_(c.hidden_size, c.intermediate_size, /*bias=*/false) {
  register_module("input_layernorm", input_layernorm_);
  register_module("post_attention_layernorm", post_attention_layernorm_);
  register_module("self_attn", self_attn_);
  register_module("mlp", mlp_);
}

at::Tensor DecoderLayer::forward(const at::Tensor& x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                                 const KeyValues& before) const {
  const at::Tensor h = x_TD + self_attn_.forward(input_layernorm_.forward(x_TD), layout, rotary, before);
  return h + mlp_.forward(post_attention_layernorm_.forward(h));
}

at::Tensor DecoderLayer::forward_rows(const at::Tensor& x_TD, const Layout& layout,
                                      const ops::RotaryTable& rotary, const at::Tensor& rows_R,
                                      const KeyValues& before) const {
  const at::Tensor x_RD = x_TD.slice(0, layout.prefix_tokens()).index_select(0, rows_R);
  const at::Tensor h =
      x_RD + self_attn_.forward_rows(input_layernorm_.forward(x_TD), layout, rotary, rows_R, before);
  return h + mlp_.forward(post_attention_layernorm_.forward(h));
}

KeyValues DecoderLayer::remember(const at::Tensor& x_MD, const ops::RotaryTable& rotary) const {
  return self_attn_.remember(input_layernorm_.forward(x_MD), rotary);
}

at::Tensor DecoderLayer::read(const at::Tensor& x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                              TextCache& cache, size_t index) const {
  const at::Tensor h = x_TD + self_attn_.read(input_layernorm_.forward(x_TD), layout, rotary, cache, index);
  return h + mlp_.forward(post_attention_layernorm_.forward(h));
}

at::Tensor DecoderLayer::step(const at::Tensor& x_RD, const ops::RotaryTable& rotary, TextCache& cache,
                              size_t index) const {
  const at::Tensor h = x_RD + self_attn_.step(input_layernorm_.forward(x_RD), rotary, cache, index);
  return h + mlp_.forward(post_attention_layernorm_.forward(h));
}

LanguageModel::LanguageModel(const TextConfig& c) : config_(c), norm_(c.hidden_size, c.rms_norm_eps) {
  register_parameter("embed_tokens.weight", embed_tokens_, {c.vocab_size, c.hidden_size});
  for (int64_t i = 0; i < c.num_layers; ++i) {
    layers_.push_back(std::make_unique<DecoderLayer>(c));
    register_module(concat("layers.", i), *layers_.back());
  }
  register_module("norm", norm_);
}

at::Tensor LanguageModel::embed(const at::Tensor& ids) const {
  return at::embedding(embed_tokens_, ids.to(embed_tokens_.device()), config_.pad_token_id.value_or(-1));
}

ops::RotaryTable LanguageModel::rotary(const at::Tensor& positions_3L) const {
  const at::ScalarType dtype = embed_tokens_.scalar_type(), wide = at_least_float(dtype);
  const at::Tensor frequencies = ops::inverse_frequencies(config_.head_dim, config_.rope_theta, wide);
  const at::Tensor angles =
      positions_3L.to(wide).index_select(0, at::tensor(config_.frequency_axes(), at::kLong)).t() *
      frequencies;  // [L, head_dim / 2]
  const auto rounded = [&](const at::Tensor& x) { return x.to(embed_tokens_.device(), dtype).contiguous(); };
  return {rounded(angles.cos()), rounded(angles.sin())};
}

at::Tensor LanguageModel::run_layers(at::Tensor x_TD, size_t count, const Layout& layout,
                                     const ops::RotaryTable& rotary, const Additions& additions,
                                     const std::vector<KeyValues>& before, const nn::BlockRunner& run) const {
  for (size_t i = 0; i < count; ++i) {
    DecoderLayer& layer = *layers_[i];
    const KeyValues first = before.empty() ? KeyValues() : before[i];
    x_TD = run(layer, {x_TD}, [&layer, layout, rotary, first](const auto& in) {
      return layer.forward(in[0], layout, rotary, first);
    });
    if (i < additions.after_VD.size()) x_TD = x_TD.index_add(0, additions.rows_V, additions.after_VD[i]);
  }
  return x_TD;
}

at::Tensor LanguageModel::forward(at::Tensor x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                                  const Additions& additions, const nn::BlockRunner& run) const {
  return norm_.forward(run_layers(std::move(x_TD), layers_.size(), layout, rotary, additions, {}, run));
}

at::Tensor LanguageModel::forward_rows(at::Tensor x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                                       const at::Tensor& rows_R, const Additions& additions,
                                       const std::vector<KeyValues>& before,
                                       const nn::BlockRunner& run) const {
  // What is added after the last layer stands in the prefix, of which nothing is asked there.
  x_TD = run_layers(std::move(x_TD), layers_.size() - 1, layout, rotary, additions, before, run);
  DecoderLayer& last = *layers_.back();
  const KeyValues first = before.empty() ? KeyValues() : before.back();
  const at::Tensor hidden = run(last, {x_TD}, [&last, layout, rotary, rows_R, first](const auto& in) {
    return last.forward_rows(in[0], layout, rotary, rows_R, first);
  });
  return norm_.forward(hidden);
}

std::vector<KeyValues> LanguageModel::remember(at::Tensor x_MD, const ops::RotaryTable& rotary,
                                               const Additions& additions) const {
  const at::NoGradGuard no_graph;
  const Layout layout{1, x_MD.size(0), 0, 0};
  std::vector<KeyValues> remembered;
  for (size_t i = 0; i < layers_.size(); ++i) {
    remembered.push_back(layers_[i]->remember(x_MD, rotary));
    if (i + 1 == layers_.size()) break;
    x_MD = layers_[i]->forward(x_MD, layout, rotary, {});
    if (i < additions.after_VD.size()) x_MD = x_MD.index_add(0, additions.rows_V, additions.after_VD[i]);
  }
  return remembered;
}

at::Tensor LanguageModel::read(at::Tensor x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                               const at::Tensor& rows_R, TextCache& cache) const {
  for (size_t i = 0; i < layers_.size(); ++i) x_TD = layers_[i]->read(x_TD, layout, rotary, cache, i);
  return norm_.forward(x_TD.index_select(0, rows_R));
}

at::Tensor LanguageModel::step(at::Tensor x_RD, const ops::RotaryTable& rotary, TextCache& cache) const {
  for (size_t i = 0; i < layers_.size(); ++i) x_RD = layers_[i]->step(x_RD, rotary, cache, i);
  ++cache.filled;
  return norm_.forward(x_RD);
}

}  // namespace drf::qwen
