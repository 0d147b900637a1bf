#pragma once
// What drf demo is asked, in any of its worlds.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "drf/cli/command.h"
#include "drf/run/config.h"

namespace drf::cli {

struct DemoOptions {
  CommonOptions common;
  std::string world =
      "scenes";  ///< "scenes", "tiny": clips judged by a critic; "fields": solutions of an equation
  int64_t seed = 0, updates = 0;
  int64_t judge_every = 0;  ///< updates between two verdicts while training; 0: none
  std::string recipe;       ///< a file in the place of configs/WORLD.toml
  std::string output;
  std::vector<std::string> sets;
  bool json = false;
  bool resume = false;  ///< go on with the run in the folder
};

/// A world's recipe (a file in configs/) with what the command line says; `places` are the keys that name its
/// bundled files, below assets/: where the recipe names these, or nothing, that is where they are looked for.
/// The run goes to `default_folder` unless -o names another. Throws Error(kConfig) for a --set that another
/// option would take back, and for a --recipe of another generator.
run::RunConfig demo_config(const DemoOptions& options, const std::string& recipe,
                           const std::string& default_folder,
                           const std::vector<std::pair<const char*, std::string>>& places);

/// A resumed demo: what its run decided about memory when it began stays decided.
void keep_memory_settings(run::RunConfig& config);

/// The demo's folder, new unless it goes on: a demo may be run again, and its own folder, and nothing else,
/// is replaced.
void clear_demo_folder(const DemoOptions& options, const run::RunConfig& config);

/// drf demo --world fields: trains the bundled generator of fields by configs/fields.toml and says how far
/// base, trained and guided samples are from their equation and from data.
int run_fields_demo(const DemoOptions& options);

}  // namespace drf::cli
