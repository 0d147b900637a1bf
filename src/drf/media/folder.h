#pragma once
// A folder of pictures as a clip.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>

namespace drf::media {

/// Whether `a` comes before `b` when runs of digits count as numbers: frame2 before frame10.
bool natural_less(const std::string& a, const std::string& b);

/// The *.png, *.jpg and *.jpeg of a folder in natural order as [F,H,W,3] uint8. Throws Error(kInput): none
/// there, a broken one, or sizes that differ.
at::Tensor decode_folder(const std::filesystem::path& folder);

}  // namespace drf::media
