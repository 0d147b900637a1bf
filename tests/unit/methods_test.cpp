// configs/methods: each recipe differs from the demo's in what makes its method alone, and walks as
// docs/methods.md says. That each takes an update: tests/unit/method_updates_test.cpp.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <set>

#include "drf/base/files.h"
#include "drf/diffusion/step_policy.h"
#include "drf/run/config.h"
#include "tests/support/golden.h"

namespace drf::run {
namespace {

using testing::source_path;

RunConfig recipe(const std::string& file) {
  return load_config(source_path("configs/" + file), {}, diffusion::step_policies());
}

// Key -> "key = value", without the help.
std::map<std::string, std::string> settings(RunConfig config) {
  std::map<std::string, std::string> all;
  for (const Field& field : fields_of(config)) {
    const std::string toml = config_to_toml({field});
    const size_t begin = toml.front() == '[' ? toml.find('\n') + 1 : 0;
    all[field.key] = toml.substr(begin, toml.rfind("  # ") - begin);
  }
  return all;
}

// What each says otherwise than configs/tiny.toml, whose K is 5 of 8 steps.
const std::map<std::string, std::set<std::string>> kMethods = {
    {"alignprop", {"K = 8", "K_min = 1"}},
    {"draft-1", {"K = 1"}},
    {"draft-k", {"K = 2"}},
    {"draft-lv", {"policy = \"low_variance\"", "K = 1"}},
    {"drtune", {"policy = \"uniform\"", "K = 3", "nested = 0.0"}},
    {"first-frame", {"frames = 1"}},
    {"flowbp-bridge", {"policy = \"sparse\"", "bias = 4.0", "nested = 0.5", "nested_at = \"one\""}},
    {"flowbp-sparse", {"policy = \"sparse\"", "K = 4", "rescale = 0.5", "nested = 0.0"}},
    {"flow-grpo", {"rule = \"policy_gradient\"", "K = 2", "reuse = 2", "group = 4"}},
    {"leapalign", {"policy = \"sparse\"", "K = 2", "bias = 0.0", "leap = true", "nested = 0.3"}},
    {"ours", {}},
    {"reward-score-matching", {"rule = \"matching\"", "K = 2", "beta = 80.0", "quantile = 0.8"}},
    {"refl", {"policy = \"random\"", "K = 1", "window = 4"}},
    {"vanilla-drf", {"K = 1"}},
};

// Whether a method may set `key` for itself.
bool is_of_methods(const std::string& key) {
  for (const char* section : {"flow.", "policy_gradient.", "matching."})
    if (key.rfind(section, 0) == 0) return true;
  return key == "critic.frames";
}

TEST(Methods, EachRecipeDiffersFromTheDemosInWhatMakesItAlone) {
  const auto demo = settings(recipe("tiny.toml"));
  std::set<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator(source_path("configs/methods"))) {
    const std::string name = entry.path().stem().string();
    found.insert(name);
    ASSERT_TRUE(kMethods.count(name)) << name;
    std::set<std::string> differs;
    for (const auto& [key, line] : settings(recipe("methods/" + name + ".toml"))) {
      if (key == "output.dir") {
        EXPECT_EQ(line, "dir = \"runs/methods/" + name + "\"");
      } else if (line != demo.at(key)) {
        EXPECT_TRUE(is_of_methods(key)) << name << ": " << key;
        differs.insert(line);
      }
    }
    EXPECT_EQ(differs, kMethods.at(name)) << name;
  }
  EXPECT_EQ(found.size(), kMethods.size());
}

TEST(Methods, ThePageNamesEachRecipe) {
  const std::string page = read_file(source_path("docs/methods.md"));
  for (const auto& [name, differs] : kMethods)
    EXPECT_NE(page.find("| `" + name + "` |"), std::string::npos) << name;
}

}  // namespace
}  // namespace drf::run
