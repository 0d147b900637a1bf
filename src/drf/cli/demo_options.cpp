#include "drf/cli/demo_options.h"

#include "drf/base/error.h"
#include "drf/cli/assets.h"
#include "drf/run/run.h"
#include "drf/run/run_directory.h"

namespace drf::cli {

run::RunConfig demo_config(const DemoOptions& o, const std::string& recipe, const std::string& default_folder,
                           const std::vector<std::pair<const char*, std::string>>& places) {
  const std::filesystem::path root = bundled_root();
  const std::string folder = o.output.empty() ? default_folder : o.output;
  std::vector<std::string> sets = {concat("seed=", o.seed), concat("output.dir=\"", folder, "\"")};
  if (o.updates > 0) sets.push_back(concat("train.updates=", o.updates));
  for (const auto& [key, place] : places)
    sets.push_back(concat(key, "=\"", (root / "assets" / place).string(), "\""));
  sets.insert(sets.end(), o.sets.begin(), o.sets.end());
  run::RunConfig config =
      run::load_config(o.recipe.empty() ? root / "configs" / recipe : std::filesystem::path(o.recipe), sets,
                       run::known_policies());
  for (run::RewardTermConfig& reward : config.rewards) {  // a recipe's judge lies where its critic does
    if (reward.path.starts_with("assets/")) reward.path = (root / reward.path).string();
  }
  if (config.output.dir != folder)
    fail(ErrorKind::kConfig, "--set output.dir would be ignored: name the folder by -o");
  if (config.seed != o.seed)
    fail(ErrorKind::kConfig, "--set seed would not be the demo's seed: give it by --seed");
  return config;
}

void clear_demo_folder(const DemoOptions& o, const run::RunConfig& config) {
  if (o.output.empty()) run::RunDirectory::remove(config.output.dir);
}

}  // namespace drf::cli
