#include "drf/cli/demo_options.h"

#include "drf/base/error.h"
#include "drf/cli/assets.h"
#include "drf/run/run.h"
#include "drf/run/run_directory.h"

namespace drf::cli {
namespace {

// A recipe of another world has its sizes and lengths of text, which the bundled models of this one do not
// fit.
void require_recipe_of(const std::string& world, const std::string& recipe, const std::string& place) {
  const std::string own = run::load_config(recipe, {}, run::known_policies()).generator.path;
  if (!own.ends_with(place))
    fail(ErrorKind::kConfig, "--recipe ", recipe, ": its generator.path is '", own,
         "' and not the bundled 'assets/", place, "' of the world ", world,
         ": name its world by --world, or train it by drf train");
}

}  // namespace

run::RunConfig demo_config(const DemoOptions& o, const std::string& recipe, const std::string& default_folder,
                           const std::vector<std::pair<const char*, std::string>>& places) {
  const std::filesystem::path root = bundled_root();
  const std::string folder = o.output.empty() ? default_folder : o.output;
  if (!o.recipe.empty()) require_recipe_of(o.world, o.recipe, places.front().second);
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
