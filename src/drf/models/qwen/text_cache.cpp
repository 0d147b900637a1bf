#include "drf/models/qwen/text_cache.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"

namespace drf::qwen {

void TextCache::keep(const std::vector<int64_t>& rows) {
  const auto count = static_cast<int64_t>(rows.size());
  for (LayerCache& layer : layers) {
    for (at::Tensor* x_RGLC : {&layer.k_RGLC, &layer.v_RGLC}) {
      for (int64_t to = 0; to < count;
           ++to) {  // upwards, so nothing is written over that is still to be read
        const int64_t from = rows[static_cast<size_t>(to)];
        if (from != to) (*x_RGLC)[to].narrow(1, 0, filled).copy_((*x_RGLC)[from].narrow(1, 0, filled));
      }
      *x_RGLC = x_RGLC->narrow(0, 0, count);
    }
  }
  hidden_RL = hidden_RL.index_select(0, at::tensor(rows, at::kLong).to(hidden_RL.device()));
}

TextCache make_cache(const TextConfig& config, const std::vector<int64_t>& lengths, int64_t room,
                     const at::TensorOptions& options) {
  const auto rows = static_cast<int64_t>(lengths.size());
  const int64_t longest = *std::max_element(lengths.begin(), lengths.end());
  DRF_CHECK(room >= longest);
  TextCache cache;
  cache.filled = longest;
  for (int64_t i = 0; i < config.num_layers; ++i) {
    LayerCache& layer = cache.layers.emplace_back();
    for (at::Tensor* x : {&layer.k_RGLC, &layer.v_RGLC})
      *x = at::empty({rows, config.num_kv_heads, room, config.head_dim}, options);
  }
  std::vector<int64_t> places;
  cache.hidden_RL = at::zeros({rows, room}, at::kBool);
  for (int64_t row = 0; row < rows; ++row) {
    const int64_t empty = longest - lengths[static_cast<size_t>(row)];
    cache.hidden_RL[row].slice(0, 0, empty).fill_(true);
    // Where nothing stands is the row's first token, as finite as any.
    for (int64_t place = 0; place < longest; ++place)
      places.push_back(row * longest + std::max<int64_t>(place - empty, 0));
  }
  cache.hidden_RL = cache.hidden_RL.to(options.device());
  cache.places_N = at::tensor(places, at::kLong).to(options.device());
  return cache;
}

int64_t cache_bytes(const TextConfig& config, int64_t rows, int64_t common, int64_t room,
                    int64_t element_bytes) {
  return config.num_layers * 2 * config.num_kv_heads * config.head_dim * element_bytes *
         (common + rows * room);
}

}  // namespace drf::qwen
