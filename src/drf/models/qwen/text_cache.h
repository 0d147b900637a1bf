#pragma once
// What a language model remembers of texts that it writes: keys and values of every token so far. What all
// texts begin with is kept once. The rest of each stands at the right of its row, so that all rows grow in
// one place; what a row lacks at the left is never seen.
//
// Shape letters: R rows, P tokens that all begin with, L places of a row, G key heads, C head width.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "drf/models/qwen/text_config.h"

namespace drf::qwen {

/// Of one layer.
struct LayerCache {
  at::Tensor common_k_GPC, common_v_GPC;  ///< undefined where nothing is common
  at::Tensor k_RGLC, v_RGLC;
};

struct TextCache {
  std::vector<LayerCache> layers;
  /// [R x S] int64: which of the tokens of a pass of R rows, padded at the end, stands in each of the first S
  /// places.
  at::Tensor places_N;
  at::Tensor hidden_RL;  ///< bool: what a row does not see
  int64_t filled = 0;    ///< places, of all rows

  /// Leaves the given rows only, which rise. What stands in the places so far is moved, in the memory that is
  /// there.
  void keep(const std::vector<int64_t>& rows);
};

/// A cache for rows of `lengths` tokens (of which the common ones are not counted), which may grow to `room`
/// places; nothing is in it.
TextCache make_cache(const TextConfig& config, const std::vector<int64_t>& lengths, int64_t room,
                     const at::TensorOptions& options);

/// What it takes, of weights whose numbers have `element_bytes`: `common` tokens once, and `room` places a
/// row.
int64_t cache_bytes(const TextConfig& config, int64_t rows, int64_t common, int64_t room,
                    int64_t element_bytes);

}  // namespace drf::qwen
