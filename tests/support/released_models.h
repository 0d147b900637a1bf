#pragma once
// Released models by their names, shapes and types alone: what the planner needs, in a few megabytes of disk.

#include <filesystem>
#include <string>

namespace drf::testing {

/// Writes FOLDER/generator, Wan 2.1 T2V of `size` ("1.3b" or "14b", or "a14b": Wan 2.2, two transformers, its
/// scheduler apart) as diffusers lays it out, and
/// FOLDER/critic, Qwen2.5-VL-7B. Headers are true (float32 transformer and VAE, bfloat16 UMT5-XXL and critic,
/// as released), numbers are holes in the files; tokenizers are the tiny models'.
void write_released(const std::filesystem::path& folder, const std::string& size);

}  // namespace drf::testing
