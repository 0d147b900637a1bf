#pragma once
// Clips that a user has of prompts: real ones of the same caption, or samples of the base model.

#include <cstdint>
#include <filesystem>
#include <map>
#include <vector>

namespace drf::writer {

/// Files of clips (media::read_video) by prompt, in the order of the list, or of their names. `path` is
///   a folder      whose files are called p12.mp4, p12-a.gif, ...: p, the prompt's index, and if there are
///                 several of it a dash and anything
///   JSON lines    {"prompt": 12, "clip": "clips/0012.mp4"}, relative to the working directory
/// Throws Error(kInput) naming the file and line, or the entry of the folder: no clip at all, another name, a
/// prompt that does not exist, a clip that is not there.
std::map<int64_t, std::vector<std::filesystem::path>> read_clip_list(const std::filesystem::path& path,
                                                                     int64_t num_prompts);

}  // namespace drf::writer
