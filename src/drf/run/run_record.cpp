#include "drf/run/run_record.h"

#include "drf/base/error.h"

namespace drf::run {

const char* const kRestoreRecord =
    "; the run's record of what it began with is damaged: restore the file from a copy, or start a new run "
    "that begins with what its newest checkpoint holds (lora.init_from)";

bool leaves_decoder_memory(const RunConfig& c) {
  return c.flow.recompute == "block" && c.memory.decoder == "auto" &&
         (c.flow.decode_chunk == 0 || c.flow.decode_stripes == 0);
}

std::set<std::string> read_run_record(const std::filesystem::path& file, RunConfig& config) {
  try {
    const int64_t rewards = count_sections(file, "rewards");
    if (rewards > kMostRewards) fail(ErrorKind::kInput, file, ": has ", rewards, " [[rewards]]");
    config.rewards.resize(static_cast<size_t>(rewards));
    const auto keys = read_config_file(file, fields_of(config));
    std::set<std::string> recorded(keys.begin(), keys.end());
    // Whole to its last section and silent about the levels: of a version that knew diffusers' alone.
    if (recorded.count("output.dir") && recorded.insert("sampling.schedule").second)
      config.sampling.schedule = "diffusers";
    if (config.flow.take_detach_input()) recorded.insert("flow.nested");
    if (recorded.count("output.dir") && leaves_decoder_memory(config)) {
      recorded.insert("memory.decoder");
      config.memory.decoder = kLeastDecoderMemory;
    }
    return recorded;
  } catch (const Error& e) {
    fail(ErrorKind::kInput, e.what(), kRestoreRecord);
  }
}

}  // namespace drf::run
