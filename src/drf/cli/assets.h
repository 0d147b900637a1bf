#pragma once
// Where the bundled models and recipes lie: beside the program's sources, or where DRF_ASSETS points.

#include <filesystem>

namespace drf::cli {

/// The folder that holds assets/tiny and configs/: $DRF_ASSETS, the current folder, or the source tree this
/// program was built from. Throws Error(kInput) naming the places looked at.
std::filesystem::path bundled_root();

}  // namespace drf::cli
