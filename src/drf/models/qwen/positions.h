#pragma once
// Position ids of a prompt with videos: text counts up along all three axes at once, a video's tokens stand
// at (time, row, column) from where they begin. Which time, and where text goes on, is the model's own rule.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "drf/models/qwen/media_tokens.h"

namespace drf::qwen {

/// A run of video tokens as the prompt must hold it: times.size() x rows x columns tokens, columns fastest.
struct VideoRun {
  std::vector<int64_t> times;  ///< of each temporal patch, counted from the run's beginning
  int64_t rows = 0, columns = 0;
  int64_t advance = 0;  ///< text goes on so far after the run's beginning
  int64_t tokens() const { return static_cast<int64_t>(times.size()) * rows * columns; }
};

/// Where a run's tokens stand in a prompt.
struct TokenRange {
  int64_t begin = 0, length = 0;
};

struct Positions {
  at::Tensor ids_3S;               ///< int64 on the CPU: time, row, column of each token
  int64_t next = 0;                ///< the position (on all axes) of the token that would follow
  std::vector<TokenRange> videos;  ///< one a run, in order
};

/// `ids` of a prompt that names each run by one token: that token repeated for all of the run.
std::vector<int64_t> repeat_pads(const std::vector<int64_t>& ids, int64_t video_token_id,
                                 const std::vector<VideoRun>& runs);

/// ids: a prompt whose video tokens stand in exactly the given runs, in order, with text between them. Throws
/// Error(kInput) for other runs, none, or image tokens.
Positions positions_of(const std::vector<int64_t>& ids, const MediaTokens& tokens,
                       const std::vector<VideoRun>& runs);

}  // namespace drf::qwen
