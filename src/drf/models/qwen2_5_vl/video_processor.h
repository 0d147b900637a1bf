#pragma once
// Frames to patches as Qwen2VLVideoProcessor of transformers 5.23 makes them (resize, rescale, normalise,
// patchify), differentiable and without rounding: models/qwen/video_patches.h at the sizes of this model.

#include "drf/models/qwen/video_patches.h"
#include "drf/models/qwen2_5_vl/config.h"

namespace drf::qwen {

/// Height and width that a frame is resized to: multiples of `factor` (patch x merge), near the aspect ratio,
/// pixels within the limits. Throws Error(kInput) for sides more than 200 : 1.
std::pair<int64_t, int64_t> smart_resize(int64_t height, int64_t width, int64_t factor, int64_t min_pixels,
                                         int64_t max_pixels);

/// cut_patches() of frames_BFCHW at the size of smart_resize. max_pixels > 0 replaces the checkpoint's own
/// upper limit of a frame. Throws Error(kInput) as both.
VideoInput process_video(const at::Tensor& frames_BFCHW, const ProcessorConfig& processor,
                         const VisionConfig& vision, int64_t max_pixels = 0);

}  // namespace drf::qwen
