#pragma once
// Where a clip starts: seeded noise, or the user's own from a file.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <vector>

#include "drf/base/random.h"

namespace drf::train {

/// Standard normal, `shape` = {C, T, H, W}, float32 values whatever `dtype`, on the CPU.
at::Tensor noise(const RandomKey& key, const std::vector<int64_t>& shape, at::ScalarType dtype);

/// Tensor "noise" [C, T, H, W] of a safetensors file. Throws Error(kInput) for a missing tensor, another
/// shape, or values that are not finite.
at::Tensor read_noise(const std::filesystem::path& file, const std::vector<int64_t>& shape);

}  // namespace drf::train
