#pragma once
// Frames to patches, differentiable, as the checkpoint's own video processor makes them but without its
// rounding to 8 bits. What is the model's own is the size to which frames are brought (video_processor.h of
// each).
//
// Shape letters: B clips, F frames, C = 3, H W pixels, L patches of a clip, K values of a patch.

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <utility>
#include <vector>

#include "drf/models/qwen/grid.h"
#include "drf/models/qwen/patch_sizes.h"
#include "drf/tensor/json_config.h"

namespace drf::qwen {

/// What the reference's processor class has where a file says nothing.
struct ProcessorDefaults {
  int64_t patch_size, min_pixels, max_pixels, max_video_tokens;
  std::array<double, 3> mean, std;
};

/// Qwen2VLVideoProcessor of transformers 5.23, with CLIP's mean and deviation.
inline constexpr ProcessorDefaults kQwen2Processor{14,
                                                   128 * 28 * 28,
                                                   28 * 28 * 768,
                                                   128000,
                                                   {0.48145466, 0.4578275, 0.40821073},
                                                   {0.26862954, 0.26130258, 0.27577711}};

struct ProcessorConfig {
  bool resize = true;
  int64_t min_pixels =
      kQwen2Processor.min_pixels;  ///< after resizing; `size.shortest_edge` is its newer name
  int64_t max_pixels = kQwen2Processor.max_pixels;  ///< `size.longest_edge`
  /// On top of max_pixels, a limit for each frame that follows from max_video_tokens (cap_pixels_per_frame).
  bool share_pixels = false;
  int64_t max_video_tokens = kQwen2Processor.max_video_tokens;
  double scale = 1.0;  ///< from [0, 1] to what is normalised (255 * rescale_factor)
  std::array<double, 3> mean{0, 0, 0}, std{1, 1, 1};

  /// The "video_processor" of FOLDER/processor_config.json, else video_preprocessor_config.json, else
  /// preprocessor_config.json, as transformers looks for them. Both spellings of the limits (size, min_pixels
  /// and max_pixels). Throws Error(kInput) if there is none, for another filter than bicubic, for numbers
  /// that make no sense, and where patch, temporal patch or merge size differ from the model's.
  static ProcessorConfig read(const std::filesystem::path& folder, const PatchSizes& models,
                              const ProcessorDefaults& defaults = kQwen2Processor);
  static ProcessorConfig read(const JsonConfig& json, const PatchSizes& models,
                              const ProcessorDefaults& defaults = kQwen2Processor);
};

/// Patches of B clips of one size, in the processor's order: (t, h/merge, w/merge, merge, merge), each
/// (channel, temporal patch, row, column).
struct VideoInput {
  at::Tensor patches_BLK;
  Grid grid;
};

/// A clip's pixels as its budget counts them: `frames` before, `counted` after.
struct FrameCount {
  int64_t frames = 1, counted = 1;
};

/// Height and width that frames are resized to: multiples of `factor` (patch x merge), near the aspect ratio,
/// counted x height x width within the limits. Throws Error(kInput) for sides more than 200 : 1.
std::pair<int64_t, int64_t> fit_pixels(int64_t height, int64_t width, int64_t factor, FrameCount count,
                                       int64_t min_pixels, int64_t max_pixels);

/// frames_BFCHW: [0, 1], any real values (nothing is clamped or rounded), already sampled; float32 or wider
/// inside, half types are widened. Resized (where the processor does) to `size`, normalised and cut; the last
/// frame is repeated up to a multiple of the temporal patch. Throws Error(kInput) where the checkpoint
/// forbids resizing and the size does not fit.
VideoInput cut_patches(const at::Tensor& frames_BFCHW, std::pair<int64_t, int64_t> size,
                       const ProcessorConfig& processor, const PatchSizes& models);

/// Throws Error(kConfig) for a limit of pixels that the processor of `folder` cannot keep: it would change
/// nothing without a word.
void require_effect(int64_t max_pixels, const ProcessorConfig& processor, const PatchSizes& models,
                    const std::filesystem::path& folder);

/// Throws Error(kConfig): frames of height x width cannot be shown with fewer than `least` pixels.
[[noreturn]] void refuse_max_pixels(int64_t max_pixels, int64_t height, int64_t width, int64_t least);

/// n of `frames` frames, first and last included: round(linspace(0, frames - 1, n)), half to even. A clip of
/// fewer frames repeats some. n >= 1, frames >= 1.
std::vector<int64_t> sample_frame_indices(int64_t frames, int64_t n);

/// round(x), halves to the even neighbour, as Python and numpy do.
int64_t round_half_even(double x);

}  // namespace drf::qwen
