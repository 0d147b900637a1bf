#include "drf/train/run_record.h"

#include "drf/base/error.h"

namespace drf::train {

const char* const kRestoreRecord =
    "; the run's record of what it began with is damaged: restore the file from a copy, or start a new run "
    "with lora.init_from = the newest checkpoint's adapters.safetensors";

std::set<std::string> read_run_record(const std::filesystem::path& file, RunConfig& config) {
  try {
    const auto keys = read_config_file(file, fields_of(config));
    return {keys.begin(), keys.end()};
  } catch (const Error& e) {
    fail(ErrorKind::kInput, e.what(), kRestoreRecord);
  }
}

}  // namespace drf::train
