#pragma once
// Frames to the pixels that CLIP sees, differentiable, as the checkpoint's own image processor makes them but
// without rounding to 8 bits. Equals transformers 5.23's CLIPImageProcessor on float images (resize, centre
// crop, normalise).
//
// Shape letters: N images, H W pixels, S the model's image size.

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <filesystem>

#include "drf/models/clip/config.h"
#include "drf/tensor/json_config.h"

namespace drf::clip {

/// kCrop: the short side is brought to the processor's size and the middle cut out, as CLIPImageProcessor
/// does. kPad: the long side is brought to S and the rest is black, as HPSv2's own code does.
enum class Fit { kCrop, kPad };

struct ImageProcessorConfig {
  int64_t shortest_edge = 224;  ///< of the resized image, before the crop
  int64_t crop_size = 224;      ///< equals the model's image_size
  double scale = 1.0;           ///< from [0, 1] to what is normalised (255 * rescale_factor)
  std::array<double, 3> mean{0.48145466, 0.4578275, 0.40821073};
  std::array<double, 3> std{0.26862954, 0.26130258, 0.27577711};

  /// The "image_processor" of FOLDER/processor_config.json, else preprocessor_config.json. Keys that are left
  /// out have the reference's defaults; sizes in both spellings, 224 and {"shortest_edge": 224}. Throws
  /// Error(kInput) if there is none, for another filter than bicubic, for numbers that make no sense, for a
  /// processor that does not resize or crop or that squeezes to a square, and where the crop differs from the
  /// model's image size.
  static ImageProcessorConfig read(const std::filesystem::path& folder, const VisionConfig& vision);
  static ImageProcessorConfig read(const JsonConfig& json, const VisionConfig& vision);
};

/// images_N3HW: [0, 1], any real values (nothing is clamped or rounded); float32 or wider inside, half types
/// are widened -> [N, 3, S, S]. Throws Error(kInput) for sides more than 200 : 1, which would be resized to
/// more pixels than are seen by far.
at::Tensor process_images(const at::Tensor& images_N3HW, const ImageProcessorConfig& processor, Fit fit);

}  // namespace drf::clip
