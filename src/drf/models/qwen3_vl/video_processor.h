#pragma once
// Frames to patches as Qwen3VLVideoProcessor of transformers 5.23 makes them (resize, rescale, normalise,
// patchify), differentiable and without rounding: models/qwen/video_patches.h at the sizes of this model,
// whose limits are the clip's and not a frame's.

#include "drf/models/qwen/video_patches.h"
#include "drf/models/qwen3_vl/config.h"

namespace drf::qwen3 {

/// Qwen3VLVideoProcessor; released files have other limits.
inline constexpr qwen::ProcessorDefaults kProcessor{16,  128 * 32 * 32,   32 * 32 * 768,
                                                    768, {0.5, 0.5, 0.5}, {0.5, 0.5, 0.5}};

/// Height and width that the frames of a clip are resized to. frames x pixels lie within the processor's
/// limits, where the count is that of whole temporal patches (halves to even). cap_pixels_per_frame makes the
/// upper one frames x max(min(max_video_tokens, an even share), 1.05 min). max_pixels > 0: no more than that
/// many a (counted) frame. A side shorter than a token grows first. A clip shorter than a temporal patch
/// counts as one, since its last frame is repeated. Throws Error(kInput) for sides more than 200 : 1,
/// Error(kConfig) where the least size is above max_pixels.
std::pair<int64_t, int64_t> frame_size(int64_t frames, int64_t height, int64_t width,
                                       const qwen::ProcessorConfig& processor, const qwen::PatchSizes& models,
                                       int64_t max_pixels);

/// qwen::cut_patches() of frames_BFCHW at frame_size(). Throws Error(kInput) as both.
qwen::VideoInput process_video(const at::Tensor& frames_BFCHW, const qwen::ProcessorConfig& processor,
                               const qwen::PatchSizes& models, int64_t max_pixels = 0);

}  // namespace drf::qwen3
