#include "drf/cli/demo_options.h"

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/cli/assets.h"
#include "drf/plan/plan.h"
#include "drf/run/run.h"
#include "drf/run/run_directory.h"

namespace drf::cli {
namespace {

// What a recipe has at one of the keys that name a world's bundled files.
const std::string& named(const run::RunConfig& recipe, const std::string& key) {
  if (key == "generator.path") return recipe.generator.path;
  if (key == "critic.path") return recipe.critic.path;
  if (key == "prompts.train") return recipe.prompts.train;
  if (key == "prompts.held_out") return recipe.prompts.held_out;
  DRF_CHECK(key == "questions.templates", key);
  return recipe.questions.templates;
}

// Sets each key that the recipe gives a bundled file, or nothing, to where that lies; another file is the
// recipe's own and stays. A recipe of another generator has its sizes and lengths of text, which the bundled
// models do not fit.
std::vector<std::string> bundled(const DemoOptions& o, const run::RunConfig& recipe,
                                 const std::vector<std::pair<const char*, std::string>>& places) {
  std::vector<std::string> sets;
  for (const auto& [key, place] : places) {
    const std::string& own = named(recipe, key);
    const bool other = !own.empty() && !own.ends_with("assets/" + place);
    if (other && std::string(key) == "generator.path")
      fail(ErrorKind::kConfig, "--recipe ", o.recipe, ": its generator.path is '", own,
           "' and not the bundled 'assets/", place, "' of the world ", o.world,
           ": name its world by --world, or train it by drf train");
    if (!other) sets.push_back(concat(key, "=\"", (bundled_root() / "assets" / place).string(), "\""));
  }
  return sets;
}

}  // namespace

run::RunConfig demo_config(const DemoOptions& o, const std::string& recipe, const std::string& default_folder,
                           const std::vector<std::pair<const char*, std::string>>& places) {
  const std::filesystem::path root = bundled_root();
  const std::string folder = o.output.empty() ? default_folder : o.output;
  const std::filesystem::path file =
      o.recipe.empty() ? root / "configs" / recipe : std::filesystem::path(o.recipe);
  std::vector<std::string> sets = bundled(o, run::load_config(file, {}, run::known_policies()), places);
  sets.insert(sets.begin(), {concat("seed=", o.seed), concat("output.dir=\"", folder, "\"")});
  if (o.updates > 0) sets.push_back(concat("train.updates=", o.updates));
  sets.insert(sets.end(), o.sets.begin(), o.sets.end());
  run::RunConfig config = run::load_config(file, sets, run::known_policies());
  for (run::RewardTermConfig& reward : config.rewards) {  // a recipe's judge lies where its critic does
    if (reward.path.starts_with("assets/")) reward.path = (root / reward.path).string();
  }
  if (config.output.dir != folder)
    fail(ErrorKind::kConfig, "--set output.dir would be ignored: name the folder by -o");
  if (config.seed != o.seed)
    fail(ErrorKind::kConfig, "--set seed would not be the demo's seed: give it by --seed");
  return config;
}

void keep_memory_settings(run::RunConfig& config) {
  const std::filesystem::path file = std::filesystem::path(config.output.dir) / "config.toml";
  if (is_there(file)) plan::keep_memory_settings(config, file);
}

void clear_demo_folder(const DemoOptions& o, const run::RunConfig& config) {
  if (o.output.empty() && !o.resume) run::RunDirectory::remove(config.output.dir);
}

}  // namespace drf::cli
