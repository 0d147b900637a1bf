#pragma once
// All that a report reads of one run folder, besides clips.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "drf/report/side_files.h"

namespace drf::report {

struct RunFolder {
  /// Throws Error(kInput) if `path` is no run folder (it has no config.toml), for files that lead out of it,
  /// and for what side_files.h refuses.
  explicit RunFolder(const std::filesystem::path& path);

  std::filesystem::path path;
  std::string name;                           ///< its folder's, fit to be shown
  std::string config_text;                    ///< config.toml as it stands
  bool is_toml = false;                       ///< whether config_text is; else `config` is empty
  std::map<std::string, std::string> config;  ///< by dotted key
  std::string made_by;                   ///< versions of drf and libtorch, "" if config.toml does not say
  std::vector<std::string> checkpoints;  ///< names of folders in checkpoints/, in order
  Metrics metrics;
  Evaluation evaluation;
};

/// Whether `name`, a file that `folder` holds or may hold, leads out of it: by "..", as an absolute path, or
/// by a link at any place. A page is made to be mailed and takes nothing from beyond the run. Never throws.
bool leads_out(const std::filesystem::path& folder, const std::filesystem::path& name);

/// Folders in the order given, with names that differ: their paths where folders' names are equal. Throws
/// Error(kConfig) for a folder given twice.
std::vector<RunFolder> open_runs(const std::vector<std::filesystem::path>& paths);

}  // namespace drf::report
