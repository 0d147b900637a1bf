#pragma once
// Animated GIF (GIF89a specification, CompuServe 1990), with the browsers' loop extension. Plays anywhere,
// holds 256 colors.

#include <ATen/core/Tensor.h>

#include <string>

namespace drf::media {

/// frames_FHW3: uint8, contiguous, on the CPU; H and W at most 65535. One palette for the clip where its
/// colors number 256 at most (then exact), else one a frame. Frame times are rounded to 1/100 s without
/// drift, to 2/100 at least: viewers slow down what claims to be faster.
std::string encode_gif(const at::Tensor& frames_FHW3, double fps);

}  // namespace drf::media
