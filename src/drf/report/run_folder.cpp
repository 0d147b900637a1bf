#include "drf/report/run_folder.h"

#include <algorithm>
#include <set>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/flat_toml.h"
#include "drf/base/printable.h"

namespace drf::report {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxConfigBytes = 1 << 20;

fs::path inside(const fs::path& run, const char* name) {
  if (leads_out(run, name))
    fail(ErrorKind::kInput, run / name,
         ": leads out of the run folder by a link; copy the file there instead");
  return run / name;
}

std::string config_of(const fs::path& run) {
  if (!is_there(run / "config.toml"))
    fail(ErrorKind::kInput, run, ": not a run directory: it has no config.toml");
  return read_text_file(inside(run, "config.toml"), kMaxConfigBytes);
}

// The folder's own name, also for "runs/first/" and ".".
std::string name_of(const fs::path& run) {
  std::error_code ec;
  const fs::path whole = fs::absolute(run, ec).lexically_normal();
  return printable((whole.has_filename() ? whole : whole.parent_path()).filename().string());
}

std::vector<std::string> checkpoints_of(const fs::path& run) {
  std::vector<std::string> names;
  std::error_code ec;
  for (fs::directory_iterator at(run / "checkpoints", ec), end; !ec && at != end; at.increment(ec))
    if (is_folder(at->path())) names.push_back(printable(at->path().filename().string()));
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

RunFolder::RunFolder(const fs::path& folder)
    : path(folder),
      name(name_of(folder)),
      config_text(config_of(folder)),
      checkpoints(checkpoints_of(folder)),
      metrics(inside(folder, "metrics.jsonl")),
      evaluation(inside(folder, "evaluation.json")) {
  const auto flat = flat_toml(config_text);
  is_toml = flat.has_value();
  if (flat) config.insert(flat->begin(), flat->end());
  const std::string first = config_text.substr(0, config_text.find('\n'));
  if (first.rfind("# drf ", 0) == 0) made_by = printable(first.substr(2));
}

bool leads_out(const fs::path& folder, const fs::path& name) {
  if (name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end()) return true;
  // What has no canonical path (a link to itself, a name that is too long) cannot be opened either.
  std::error_code ec;
  const fs::path home = fs::canonical(folder / ".", ec);
  if (ec) return false;
  const fs::path file = fs::weakly_canonical(home / name, ec);
  return !ec && std::mismatch(home.begin(), home.end(), file.begin(), file.end()).first != home.end();
}

std::vector<RunFolder> open_runs(const std::vector<fs::path>& paths) {
  std::vector<RunFolder> runs;
  for (const fs::path& path : paths) {
    for (const RunFolder& other : runs) {
      std::error_code ec;
      if (fs::equivalent(path, other.path, ec))
        fail(ErrorKind::kConfig, path, " is given twice (", other.path, "): name each run once");
    }
    runs.emplace_back(path);
  }
  std::set<std::string> names;
  for (const RunFolder& run : runs) names.insert(run.name);
  if (names.size() < runs.size())
    for (RunFolder& run : runs) run.name = printable(run.path.string());
  return runs;
}

}  // namespace drf::report
