#pragma once
// Wan 2.2's form of a pipeline, two transformers, at the smallest size.

#include <filesystem>
#include <string>
#include <vector>

namespace drf::testing {

/// Writes FOLDER as a WanPipeline of two transformers, tests/goldens/pair_networks.safetensors's of these
/// names (tools/reference/pair.py); boundary_ratio is `boundary`. All other parts are the tiny generator's.
/// "transformer" twice: two networks of one size; "tiny": the tiny generator's own.
void write_pair(const std::filesystem::path& folder, double boundary,
                const std::vector<std::string>& networks = {"transformer", "transformer_2"});

}  // namespace drf::testing
