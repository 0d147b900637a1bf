#pragma once
// Opens a critic by what its folder holds.

#include <filesystem>
#include <memory>

#include "drf/critic/critic.h"
#include "drf/models/vision_language.h"

namespace drf::critic {

struct CriticOptions : models::VisionLanguageOptions {
  bool count_end_token = false;  ///< dense answers: whether the end token's log-probability counts
};

/// The model alone: a critic shows it clips, a writer (writer/critic_text_model.h) lets it write. Throws as
/// open_critic.
std::unique_ptr<models::VisionLanguage> open_vision_language(const std::filesystem::path& folder,
                                                             const models::VisionLanguageOptions& options);

/// Throws Error(kInput) naming file, tensor, got, wanted and the remedy, also for models other than
/// Qwen2.5-VL and Qwen3-VL.
std::unique_ptr<Critic> open_critic(const std::filesystem::path& folder, const CriticOptions& options);

}  // namespace drf::critic
