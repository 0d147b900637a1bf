#pragma once
// A folder of pictures as a clip.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

namespace drf::media {

/// Whether `a` comes before `b` when runs of digits count as numbers: frame2 before frame10.
bool natural_less(const std::string& a, const std::string& b);

/// The pictures of a folder in natural order, [H,W,3] uint8 of one size: *.png, *.jpg, *.jpeg, *.webp, *.bmp,
/// *.tif and *.tiff in any spelling. Hidden files (".name", as file managers leave behind) are no frames, of
/// an animation the first picture is taken, with a warning. Throws Error(kInput): none there, one that is
/// broken or no file, sizes that differ, or beyond the limits of ffmpeg.h.
std::vector<at::Tensor> decode_folder(const std::filesystem::path& folder);

}  // namespace drf::media
