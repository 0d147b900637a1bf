#pragma once
// What a critic's answers depend on, as a few letters: part of the keys by which they are kept.

#include <filesystem>
#include <string>

#include "drf/critic/open_critic.h"

namespace drf::writer {

/// Tells models apart without reading all of their numbers: of small files by their bytes, of each tensor by
/// its name, size, and first and last numbers. Not by the folder's place. Throws Error(kInput) as reading a
/// checkpoint does.
std::string digest_of_critic(const std::filesystem::path& folder);

/// Of its answers about clips (critic_cache.h).
std::string critic_identity(const std::filesystem::path& folder, const critic::CriticOptions& options);

}  // namespace drf::writer
