#include "drf/models/qwen/positions.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "drf/base/error.h"

namespace drf::qwen {
namespace {

std::vector<TokenRange> find_runs(const std::vector<int64_t>& ids, const MediaTokens& tokens,
                                  const std::vector<VideoRun>& wanted) {
  if (std::find(ids.begin(), ids.end(), tokens.image_token_id) != ids.end()) {
    fail(ErrorKind::kInput, "critic: the prompt holds an image token (id ", tokens.image_token_id,
         "); only videos are supported");
  }
  const auto is_video = [&](int64_t id) { return id == tokens.video_token_id; };
  std::vector<TokenRange> found;
  std::vector<int64_t> lengths, wanted_lengths;
  for (auto at = std::find_if(ids.begin(), ids.end(), is_video); at != ids.end();) {
    const auto end = std::find_if_not(at, ids.end(), is_video);
    found.push_back({at - ids.begin(), end - at});
    lengths.push_back(end - at);
    at = std::find_if(end, ids.end(), is_video);
  }
  for (const VideoRun& run : wanted) wanted_lengths.push_back(run.tokens());
  if (lengths == wanted_lengths) return found;
  const auto held = std::count_if(ids.begin(), ids.end(), is_video);
  if (wanted.size() == 1) {
    fail(ErrorKind::kInput, "critic: the prompt holds ", held, " video tokens (id ", tokens.video_token_id,
         "), wanted one run of ", wanted_lengths[0], ", one for each merged patch of the video");
  }
  fail(ErrorKind::kInput, "critic: the prompt holds ", held, " video tokens (id ", tokens.video_token_id,
       ") in runs of ", lengths, ", wanted ", wanted.size(), " runs of ", wanted_lengths,
       ", one token for each merged patch of the videos");
}

}  // namespace

std::vector<int64_t> repeat_pads(const std::vector<int64_t>& ids, int64_t video_token_id,
                                 const std::vector<VideoRun>& runs) {
  std::vector<int64_t> out;
  size_t run = 0;
  for (const int64_t id : ids) {
    const bool pad = id == video_token_id && run < runs.size();
    out.insert(out.end(), static_cast<size_t>(pad ? runs[run++].tokens() : 1), id);
  }
  return out;
}

Positions positions_of(const std::vector<int64_t>& ids, const MediaTokens& tokens,
                       const std::vector<VideoRun>& runs) {
  Positions result;
  result.videos = find_runs(ids, tokens, runs);
  result.ids_3S = at::empty({3, static_cast<int64_t>(ids.size())}, at::kLong);
  auto out = result.ids_3S.accessor<int64_t, 2>();
  int64_t token = 0;
  const auto text_until = [&](int64_t end) {
    for (; token < end; ++token, ++result.next) {
      for (int64_t axis = 0; axis < 3; ++axis) out[axis][token] = result.next;
    }
  };
  for (size_t i = 0; i < runs.size(); ++i) {
    const VideoRun& run = runs[i];
    text_until(result.videos[i].begin);
    for (const int64_t time : run.times) {
      for (int64_t row = 0; row < run.rows; ++row) {
        for (int64_t column = 0; column < run.columns; ++column, ++token) {
          out[0][token] = result.next + time;
          out[1][token] = result.next + row;
          out[2][token] = result.next + column;
        }
      }
    }
    result.next += run.advance;
  }
  text_until(static_cast<int64_t>(ids.size()));
  return result;
}

}  // namespace drf::qwen
