#pragma once
// Qwen3-VL behind the interface of models/vision_language.h.

#include <filesystem>
#include <memory>

#include "drf/models/vision_language.h"

namespace drf::qwen3 {

/// The model of a folder in transformers' layout. Throws Error(kInput) naming file, key or tensor, got,
/// wanted and the remedy; Error(kConfig) for options without effect.
std::unique_ptr<models::VisionLanguage> open_vision_language(const std::filesystem::path& folder,
                                                             const models::VisionLanguageOptions& options);

}  // namespace drf::qwen3
