#pragma once
// PNG and animated PNG, 8-bit RGB, as the specification's third edition (W3C, 2025) has both. Written with
// zlib alone, so that pictures need no further library.

#include <ATen/core/Tensor.h>

#include <string>

namespace drf::media {

/// picture_HW3: uint8, contiguous, on the CPU.
std::string encode_png(const at::Tensor& picture_HW3);

/// Plays forever; readers that know no animation show the first frame.
/// frames_FHW3: uint8, contiguous, on the CPU, F >= 1; fps > 0.
std::string encode_apng(const at::Tensor& frames_FHW3, double fps);

}  // namespace drf::media
