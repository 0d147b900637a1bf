#pragma once
// Frames to patches, differentiable, as the checkpoint's own video processor makes them but without its
// rounding to 8 bits. Equals Qwen2VLVideoProcessor of transformers 5.23 (resize, rescale, normalise,
// patchify).
//
// Shape letters: B clips, F frames, C = 3, H W pixels, L patches of a clip, K values of a patch.

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

#include "drf/models/qwen2_5_vl/config.h"
#include "drf/models/qwen2_5_vl/grid.h"
#include "drf/tensor/json_config.h"

namespace drf::qwen {

struct ProcessorConfig {
  bool resize = true;
  int64_t min_pixels = 128 * 28 * 28;  ///< of a frame after resizing; `size.shortest_edge` is its newer name
  int64_t max_pixels = 28 * 28 * 768;  ///< `size.longest_edge`
  /// On top of max_pixels, an even share of max_video_tokens for each frame (cap_pixels_per_frame).
  bool share_pixels = false;
  int64_t max_video_tokens = 128000;
  double scale = 1.0;  ///< from [0, 1] to what is normalised (255 * rescale_factor)
  std::array<double, 3> mean{0, 0, 0}, std{1, 1, 1};

  /// The "video_processor" of FOLDER/processor_config.json, else video_preprocessor_config.json, else
  /// preprocessor_config.json, as transformers looks for them. Both spellings of the limits (size, min_pixels
  /// and max_pixels); keys that are left out have the reference's defaults. Throws Error(kInput) if there is
  /// none, for another filter than bicubic, for numbers that make no sense, and where patch, temporal patch
  /// or merge size differ from the model's.
  static ProcessorConfig read(const std::filesystem::path& folder, const VisionConfig& vision);
  static ProcessorConfig read(const JsonConfig& json, const VisionConfig& vision);
};

/// Patches of B clips of one size, in the processor's order: (t, h/merge, w/merge, merge, merge), each
/// (channel, temporal patch, row, column).
struct VideoInput {
  at::Tensor patches_BLK;
  Grid grid;
};

/// Height and width that a frame is resized to: multiples of `factor` (patch x merge), near the aspect ratio,
/// pixels within the limits. Throws Error(kInput) for sides more than 200 : 1.
std::pair<int64_t, int64_t> smart_resize(int64_t height, int64_t width, int64_t factor, int64_t min_pixels,
                                         int64_t max_pixels);

/// frames_BFCHW: [0, 1], any real values (nothing is clamped or rounded), already sampled; float32 or wider
/// inside, half types are widened. max_pixels > 0 replaces the checkpoint's own upper limit. The last frame
/// is repeated up to a multiple of the temporal patch. Throws Error(kInput) as smart_resize, and where the
/// checkpoint forbids resizing and the size does not fit.
VideoInput process_video(const at::Tensor& frames_BFCHW, const ProcessorConfig& processor,
                         const VisionConfig& vision, int64_t max_pixels = 0);

/// n of `frames` frames, first and last included: round(linspace(0, frames - 1, n)), half to even. A clip of
/// fewer frames repeats some. n >= 1, frames >= 1.
std::vector<int64_t> sample_frame_indices(int64_t frames, int64_t n);

}  // namespace drf::qwen
