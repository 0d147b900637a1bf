#pragma once
// The configuration that a run folder keeps of its run. It names every key, so that one that it lacks says
// that the file was cut off, not that the run had the default.

#include <filesystem>
#include <set>
#include <string>

#include "drf/train/config.h"

namespace drf::train {

/// Fills `config` from a run folder's config.toml and returns the keys that it names. Throws Error(kInput)
/// with the remedy for a file that cannot be read as one.
std::set<std::string> read_run_record(const std::filesystem::path& file, RunConfig& config);

/// What to do about a record that is damaged; follows a message.
extern const char* const kRestoreRecord;

}  // namespace drf::train
