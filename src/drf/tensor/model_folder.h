#pragma once
// What people give in place of a model's folder: the hub's cache, the original layout, one part of a
// pipeline, a single file. The message names what it is and which folder or repository is wanted.

#include <filesystem>
#include <string>

namespace drf {

/// Throws Error(kInput) unless `folder` is a folder that holds `file` ("model_index.json", "config.json").
/// `role` is what the model is wanted as: "generator", "critic" or
/// "reward model".
void require_model_folder(const std::filesystem::path& folder, const std::string& role,
                          const std::string& file);

/// The kind of a file that is not safetensors, by its first bytes, with the way out ("a GGUF file ...; use
/// ...");
/// "" if they say nothing.
std::string foreign_file(std::string_view first_bytes);

/// What lies in `folder` instead of FOLDER/STEM.safetensors, with the way out; "" if nothing known does.
std::string other_weights(const std::filesystem::path& folder, const std::string& stem);

}  // namespace drf
