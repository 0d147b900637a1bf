#include "drf/models/clip/text.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"

namespace drf::clip {

int64_t pooled_position(const std::vector<int64_t>& ids, int64_t eos_token_id) {
  if (eos_token_id == 2) return std::max_element(ids.begin(), ids.end()) - ids.begin();
  const auto end = std::find(ids.begin(), ids.end(), eos_token_id);
  return end == ids.end() ? 0 : end - ids.begin();
}

TextTower::TextTower(const TextConfig& c)
    : config_(c), encoder_(c.tower), final_layer_norm_(c.tower.hidden_size, c.tower.eps) {
  register_parameter("embeddings.token_embedding.weight", token_embedding_,
                     {c.vocab_size, c.tower.hidden_size});
  register_parameter("embeddings.position_embedding.weight", position_embedding_,
                     {c.max_positions, c.tower.hidden_size});
  register_module("encoder", encoder_);
  register_module("final_layer_norm", final_layer_norm_);
}

void TextTower::check(const std::vector<int64_t>& ids) const {
  const auto length = static_cast<int64_t>(ids.size());
  if (length < 1 || length > config_.max_positions) {
    fail(ErrorKind::kInput, "clip: a text of ", length, " tokens; the model reads 1 to ",
         config_.max_positions);
  }
  for (const int64_t id : ids) {
    if (id >= 0 && id < config_.vocab_size) continue;
    fail(ErrorKind::kInput, "clip: token id ", id, " is not in the model's vocabulary of ",
         config_.vocab_size, "; does the tokenizer belong to this checkpoint?");
  }
}

at::Tensor TextTower::forward(const std::vector<std::vector<int64_t>>& texts,
                              const nn::BlockRunner& run) const {
  const auto B = static_cast<int64_t>(texts.size());
  int64_t S = 1;
  std::vector<int64_t> pooled;
  for (const auto& ids : texts) {
    check(ids);
    S = std::max(S, static_cast<int64_t>(ids.size()));
    pooled.push_back(pooled_position(ids, config_.eos_token_id));
  }
  // What stands behind a text's end does not matter: no token sees those after it.
  const at::Tensor ids_BS = at::zeros({B, S}, at::kLong);
  for (int64_t b = 0; b < B; ++b) {
    const auto& ids = texts[static_cast<size_t>(b)];
    ids_BS[b].narrow(0, 0, static_cast<int64_t>(ids.size())).copy_(at::tensor(ids, at::kLong));
  }
  const auto device = token_embedding_.device();
  at::Tensor x_BSD = at::embedding(token_embedding_, ids_BS.to(device)) + position_embedding_.narrow(0, 0, S);
  x_BSD = encoder_.forward(x_BSD, /*causal=*/true, run);
  const at::Tensor rows = at::arange(B) * S + at::tensor(pooled, at::kLong);
  return final_layer_norm_.forward(x_BSD.flatten(0, 1).index_select(0, rows.to(device)));
}

}  // namespace drf::clip
