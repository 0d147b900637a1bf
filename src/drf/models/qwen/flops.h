#pragma once
// What the language model computes on paper (models/flops.h). Each line is a layer of language.h.

#include <vector>

#include "drf/models/flops.h"
#include "drf/models/qwen/question_pass.h"

namespace drf::qwen {

/// One question as the language model sees it.
struct QuestionTokens {
  int64_t length = 0;  ///< tokens after the prefix
  int64_t wanted = 0;  ///< positions whose logits are asked for
};

/// answer_logits (question_pass.h) of one clip: a prefix of `prefix` tokens once, its questions without
/// padding.
inline models::Flops language_flops(const TextConfig& c, int64_t prefix,
                                    const std::vector<QuestionTokens>& questions) {
  const auto D = static_cast<double>(c.hidden_size), I = static_cast<double>(c.intermediate_size);
  const auto H = static_cast<double>(c.num_heads * c.head_dim), P = static_cast<double>(prefix);
  const auto G = static_cast<double>(c.num_kv_heads * c.head_dim);
  double suffix = 0, wanted = 0, pairs = 0;  // pairs: a token sees the prefix and its question up to itself
  for (const QuestionTokens& q : questions) {
    const auto S = static_cast<double>(q.length);
    suffix += S;
    wanted += static_cast<double>(q.wanted);
    pairs += S * P + S * (S + 1) / 2;
  }
  const models::Flops layer = models::products((P + suffix) * (2 * D * H + 2 * D * G)) +  // q, o; k, v
                              models::attention(P * (P + 1) / 2 + pairs, H) +
                              models::products((P + suffix) * 3 * D * I);  // gate, up, down
  // The last layer answers the wanted positions only.
  const models::Flops last = models::products((P + suffix) * 2 * D * G + suffix * D * H) +  // k, v; q
                             models::attention(pairs, H) +
                             models::products(wanted * (D * H + 3 * D * I));  // o; gate, up, down
  return static_cast<double>(c.num_layers - 1) * layer + last +
         models::products(wanted * D * static_cast<double>(c.vocab_size));  // lm_head
}

/// All clips of a batch.
inline models::Flops answer_flops(const TextConfig& config, const QuestionBatch& batch) {
  models::Flops total;
  for (const auto& suffixes : batch.suffixes) {
    std::vector<QuestionTokens> questions;
    for (const Suffix& s : suffixes)
      questions.push_back({static_cast<int64_t>(s.ids.size()), static_cast<int64_t>(s.wanted.size())});
    total = total + language_flops(config, static_cast<int64_t>(batch.prefix_ids.size()), questions);
  }
  return total;
}

}  // namespace drf::qwen
