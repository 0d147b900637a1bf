#pragma once
// The configuration that a run folder keeps of its run. It names every key, so that one that it lacks says
// that the file was cut off, not that the run had the default.

#include <filesystem>
#include <set>
#include <string>

#include "drf/run/config.h"

namespace drf::run {

/// Fills `config` from a run folder's config.toml and returns the keys that it names, with those that a
/// version did not know which began the run, as it computed: diffusers' levels, the least memory for the
/// decoder. Throws Error(kInput) with the remedy for a file that cannot be read as one.
std::set<std::string> read_run_record(const std::filesystem::path& file, RunConfig& config);

/// What the decoder's walk is given where nothing more was decided (models/wan/vae_walk.h: kFewBytes).
inline constexpr const char* kLeastDecoderMemory = "384MiB";

/// Whether memory.decoder is read and left to the planner.
bool leaves_decoder_memory(const RunConfig& config);

/// What to do about a record that is damaged; follows a message.
extern const char* const kRestoreRecord;

}  // namespace drf::run
