#include "drf/models/qwen3_vl/video_processor.h"

#include <algorithm>

namespace drf::qwen3 {

std::pair<int64_t, int64_t> frame_size(int64_t frames, int64_t height, int64_t width,
                                       const qwen::ProcessorConfig& p, const qwen::PatchSizes& models,
                                       int64_t max_pixels) {
  const int64_t factor = models.token_side(), temporal = models.temporal_patch_size;
  const int64_t given_height = height, given_width = width;
  frames = std::max(frames, temporal);
  const int64_t counted =
      temporal * qwen::round_half_even(static_cast<double>(frames) / static_cast<double>(temporal));
  int64_t most = p.max_pixels;
  if (p.share_pixels) {
    const auto least = static_cast<int64_t>(static_cast<double>(p.min_pixels) * 1.05);
    most = frames * std::max(std::min(p.max_video_tokens * factor * factor, p.max_pixels / frames), least);
  }
  if (max_pixels > 0) most = std::min(most, max_pixels * counted);
  if (height < factor || width < factor) {
    const auto h = static_cast<double>(height), w = static_cast<double>(width);
    const double scale = std::max(static_cast<double>(factor) / h, static_cast<double>(factor) / w);
    height = static_cast<int64_t>(h * scale);
    width = static_cast<int64_t>(w * scale);
  }
  const auto size = qwen::fit_pixels(height, width, factor, {frames, counted}, p.min_pixels, most);
  // Only what the least size or a token's side enforces is above the limit.
  if (max_pixels > 0 && std::min(frames, counted) * size.first * size.second > max_pixels * counted)
    qwen::refuse_max_pixels(max_pixels, given_height, given_width, size.first * size.second);
  return size;
}

qwen::VideoInput process_video(const at::Tensor& frames_BFCHW, const qwen::ProcessorConfig& processor,
                               const qwen::PatchSizes& models, int64_t max_pixels) {
  std::pair<int64_t, int64_t> size;
  if (processor.resize) {
    size = frame_size(frames_BFCHW.size(1), frames_BFCHW.size(3), frames_BFCHW.size(4), processor, models,
                      max_pixels);
  }
  return qwen::cut_patches(frames_BFCHW, size, processor, models);
}

}  // namespace drf::qwen3
