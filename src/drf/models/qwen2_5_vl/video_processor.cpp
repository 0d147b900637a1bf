#include "drf/models/qwen2_5_vl/video_processor.h"

#include <algorithm>

namespace drf::qwen {
namespace {

/// The upper limit of a frame's pixels for clips of `frames` frames.
int64_t pixel_limit(const ProcessorConfig& p, const VisionConfig& v, int64_t frames, int64_t max_pixels) {
  const int64_t limit = max_pixels > 0 ? max_pixels : p.max_pixels;
  if (!p.share_pixels) return limit;
  const int64_t factor = v.token_side();
  const auto total = static_cast<int64_t>(static_cast<double>(p.max_video_tokens * factor * factor) * 0.9);
  const auto least = static_cast<int64_t>(static_cast<double>(p.min_pixels) * 1.05);
  return std::max(std::min(limit, total * v.temporal_patch_size / frames), least);
}

}  // namespace

std::pair<int64_t, int64_t> smart_resize(int64_t height, int64_t width, int64_t factor, int64_t min_pixels,
                                         int64_t max_pixels) {
  return fit_pixels(height, width, factor, {}, min_pixels, max_pixels);
}

VideoInput process_video(const at::Tensor& frames_BFCHW, const ProcessorConfig& processor,
                         const VisionConfig& vision, int64_t max_pixels) {
  std::pair<int64_t, int64_t> size;
  if (processor.resize) {
    const int64_t limit = pixel_limit(processor, vision, frames_BFCHW.size(1), max_pixels);
    size = smart_resize(frames_BFCHW.size(3), frames_BFCHW.size(4), vision.token_side(), processor.min_pixels,
                        limit);
  }
  return cut_patches(frames_BFCHW, size, processor, vision);
}

}  // namespace drf::qwen
