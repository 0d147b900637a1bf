#pragma once
// The language model of Qwen's vision-language models, run over prefixes and their independent continuations
// at once. Equals transformers' Qwen2_5_VLTextModel and Qwen3VLTextModel (no dropout, full attention). A
// cache is kept only where it writes (generate.h).
//
// All tokens of a pass lie in one dense [T, D]: first B prefixes of P tokens, then B x N continuations of S
// tokens. Everything but attention is one call on [T, D]. N = 0 is a batch of plain sequences.
//
// Shape letters: B clips, P prefix tokens, N continuations of a clip, S tokens of one, T = B P + B N S, D
// width, V video tokens of a pass.

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "drf/models/qwen/mlp.h"
#include "drf/models/qwen/text_cache.h"
#include "drf/models/qwen/text_config.h"
#include "drf/nn/block_runner.h"
#include "drf/nn/linear.h"
#include "drf/nn/module.h"
#include "drf/nn/norm.h"
#include "drf/ops/rotary.h"

namespace drf::qwen {

struct Layout {
  int64_t clips = 0, prefix = 0, questions = 0, suffix = 0;
  int64_t prefix_tokens() const { return clips * prefix; }
  int64_t suffix_tokens() const { return clips * questions * suffix; }
};

/// What a vision tower adds to the hidden states of its tokens after the first layers (deepstack).
struct Additions {
  at::Tensor rows_V;                      ///< int64: where the tokens stand among the T; none twice
  std::vector<at::Tensor> after_VD = {};  ///< one for each of the first layers; may be empty
};

/// Keys and values of one layer, of M tokens that stand before all prefixes of a pass: the same for all
/// clips, without a graph. Undefined: there are none.
struct KeyValues {
  at::Tensor k, v;  ///< [1, M, key heads, head_dim]
};

class Attention : public nn::Module {
 public:
  explicit Attention(const TextConfig& config);
  /// x_TD (normalised) -> [T, D]. rotary: [T, head_dim / 2].
  at::Tensor forward(const at::Tensor& x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                     const KeyValues& before) const;
  /// The same for some tokens of the continuations only: rows [R] int64 count from the first of them -> [R,
  /// D].
  at::Tensor forward_rows(const at::Tensor& x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                          const at::Tensor& rows_R, const KeyValues& before) const;
  /// What x_MD (normalised) is to the tokens behind it.
  KeyValues remember(const at::Tensor& x_MD, const ops::RotaryTable& rotary) const;
  /// forward() of the beginnings of texts, which puts what they are to later tokens into layer `index` of
  /// `cache`: of one prefix with a continuation a row, or of as many prefixes as rows.
  at::Tensor read(const at::Tensor& x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                  TextCache& cache, size_t index) const;
  /// One more token of each row, in place cache.filled: x_RD (normalised) -> [R, D].
  at::Tensor step(const at::Tensor& x_RD, const ops::RotaryTable& rotary, TextCache& cache,
                  size_t index) const;

 private:
  struct Heads;
  Heads project(const at::Tensor& x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                bool prefix_queries) const;
  /// What all tokens see, before o_proj: [T, heads * head_dim].
  at::Tensor context(const Heads& heads, const Layout& layout, const KeyValues& before) const;
  /// The same of the continuations: [B N S, heads * head_dim].
  at::Tensor suffix_context(const Heads& heads, const Layout& layout, const KeyValues& before) const;

  int64_t num_heads_, num_kv_heads_, head_dim_;
  double scale_;
  nn::Linear q_proj_, k_proj_, v_proj_, o_proj_;
  std::unique_ptr<nn::RmsNorm> q_norm_, k_norm_;  ///< over the head; null in models without
};

class DecoderLayer : public nn::Module {
 public:
  explicit DecoderLayer(const TextConfig& config);
  at::Tensor forward(const at::Tensor& x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                     const KeyValues& before) const;
  at::Tensor forward_rows(const at::Tensor& x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                          const at::Tensor& rows_R, const KeyValues& before) const;
  KeyValues remember(const at::Tensor& x_MD, const ops::RotaryTable& rotary) const;
  at::Tensor read(const at::Tensor& x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                  TextCache& cache, size_t index) const;
  at::Tensor step(const at::Tensor& x_RD, const ops::RotaryTable& rotary, TextCache& cache,
                  size_t index) const;

 private:
  nn::RmsNorm input_layernorm_, post_attention_layernorm_;
  Attention self_attn_;
  Mlp mlp_;
};

class LanguageModel : public nn::Module {
 public:
  explicit LanguageModel(const TextConfig& config);

  /// ids: int64, any shape -> [..., D].
  at::Tensor embed(const at::Tensor& ids) const;
  /// [L, head_dim / 2] for positions_3L int64 (time, row, column), in the weights' dtype as the reference
  /// rounds it.
  ops::RotaryTable rotary(const at::Tensor& positions_3L) const;
  /// Last hidden states after the final norm, [T, D].
  at::Tensor forward(at::Tensor x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                     const Additions& additions, const nn::BlockRunner& run) const;
  /// Those of some tokens of the continuations only, [R, D]: the last layer skips the rest. Rows as in
  /// Attention::forward_rows.
  at::Tensor forward_rows(at::Tensor x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                          const at::Tensor& rows_R, const Additions& additions,
                          const std::vector<KeyValues>& before, const nn::BlockRunner& run) const;
  /// `before` of the above, one a layer (or none at all): of M tokens that stand before all prefixes.
  std::vector<KeyValues> remember(at::Tensor x_MD, const ops::RotaryTable& rotary,
                                  const Additions& additions) const;
  /// Reads the beginnings of texts into `cache` (make_cache()): one prefix that all have in common and the
  /// rest of each, padded at the end, or whole texts as prefixes without continuations. -> last hidden states
  /// after the final norm of rows_R (int64, among the T), [R, D]. No graph.
  at::Tensor read(at::Tensor x_TD, const Layout& layout, const ops::RotaryTable& rotary,
                  const at::Tensor& rows_R, TextCache& cache) const;
  /// Reads one more token of each row of `cache`, whose next places they take -> [R, D].
  at::Tensor step(at::Tensor x_RD, const ops::RotaryTable& rotary, TextCache& cache) const;
  const TextConfig& config() const { return config_; }
  const at::Tensor& embedding() const { return embed_tokens_; }  ///< [vocabulary, D]

 private:
  at::Tensor run_layers(at::Tensor x_TD, size_t count, const Layout& layout, const ops::RotaryTable& rotary,
                        const Additions& additions, const std::vector<KeyValues>& before,
                        const nn::BlockRunner& run) const;

  TextConfig config_;
  at::Tensor embed_tokens_;
  nn::ModuleList<DecoderLayer> layers_;
  nn::RmsNorm norm_;
};

}  // namespace drf::qwen
