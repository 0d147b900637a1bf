#pragma once
// What Qwen2.5-VL computes as a critic, on paper (models/flops.h). Each line is a layer of vision.h or
// language.h.

#include <vector>

#include "drf/models/flops.h"
#include "drf/models/qwen2_5_vl/config.h"
#include "drf/models/qwen2_5_vl/grid.h"

namespace drf::qwen {

/// VisionTower::forward of one clip.
inline models::Flops vision_flops(const VisionConfig& c, const Grid& grid) {
  const auto D = static_cast<double>(c.hidden_size), I = static_cast<double>(c.intermediate_size);
  const auto patches = static_cast<double>(grid.patches()), frames = static_cast<double>(grid.t);
  // Patches squared, added up over the windows of one side: whole windows and what is left at the end.
  const auto squares = [&](int64_t side) {
    const int64_t units = side / c.spatial_merge_size, window = c.window_tokens(), rest = units % window;
    return static_cast<double>((units / window * window * window + rest * rest) * c.merge_unit());
  };
  const double in_windows = frames * squares(grid.h) * squares(grid.w);
  const double in_whole = patches * static_cast<double>(grid.h * grid.w);

  models::Flops total = models::products(patches * static_cast<double>(c.patch_values()) * D);  // patch_embed
  for (int64_t block = 0; block < c.depth; ++block) {
    total = total + models::products(patches * 4 * D * D) +  // qkv, proj
            models::attention(c.full_attention(block) ? in_whole : in_windows, D) +
            models::products(patches * 3 * D * I);  // gate, up, down
  }
  const auto unit = static_cast<double>(c.merge_unit()), out = static_cast<double>(c.out_hidden_size);
  return total + models::products(patches / unit * (unit * D * unit * D + unit * D * out));  // merger
}

/// One question as the language model sees it.
struct QuestionTokens {
  int64_t length = 0;  ///< tokens after the prefix
  int64_t wanted = 0;  ///< positions whose logits are asked for
};

/// Model::answer_logits of one clip: a prefix of `prefix` tokens once, its questions without padding.
inline models::Flops language_flops(const Config& config, int64_t prefix,
                                    const std::vector<QuestionTokens>& questions) {
  const TextConfig& c = config.text;
  const auto D = static_cast<double>(c.hidden_size), I = static_cast<double>(c.intermediate_size);
  const auto G = static_cast<double>(c.num_kv_heads * c.head_dim());
  const auto P = static_cast<double>(prefix);
  double suffix = 0, wanted = 0, pairs = 0;  // pairs: a token sees the prefix and its question up to itself
  for (const QuestionTokens& q : questions) {
    const auto S = static_cast<double>(q.length);
    suffix += S;
    wanted += static_cast<double>(q.wanted);
    pairs += S * P + S * (S + 1) / 2;
  }
  const models::Flops layer = models::products((P + suffix) * (2 * D * D + 2 * D * G)) +  // q, o; k, v
                              models::attention(P * (P + 1) / 2 + pairs, D) +
                              models::products((P + suffix) * 3 * D * I);  // gate, up, down
  // The last layer answers the wanted positions only.
  const models::Flops last = models::products((P + suffix) * 2 * D * G + suffix * D * D) +  // k, v; q
                             models::attention(pairs, D) +
                             models::products(wanted * (D * D + 3 * D * I));  // o; gate, up, down
  return static_cast<double>(c.num_layers - 1) * layer + last +
         models::products(wanted * D * static_cast<double>(c.vocab_size));  // lm_head
}

}  // namespace drf::qwen
