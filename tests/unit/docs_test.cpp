// docs/config.md lists every key of a run's configuration, with the default and the help that the program
// has.

#include <gtest/gtest.h>

#include "drf/base/files.h"
#include "drf/run/config.h"
#include "tests/support/golden.h"

namespace drf::run {
namespace {

// The page's tables: a heading a section, a row a key.
std::string tables_of_config_page() {
  RunConfig config;
  config.rewards.resize(1);
  std::string page, section = "none";
  for (const Field& field : fields_of(config)) {
    const size_t dot = field.key.rfind('.');
    const std::string of = dot == std::string::npos ? "" : field.key.substr(0, dot);
    if (of != section) {
      const std::string table = of == "rewards.0" ? "[[rewards]]" : "[" + of + "]";
      page += "\n### " + (of.empty() ? std::string("At the top") : table) +
              "\n\n| key | default | meaning |\n|---|---|---|\n";
      section = of;
    }
    // "[train]\nlr = 1e-04  # help\n"
    const std::string toml = config_to_toml({field});
    const size_t value = toml.find(" = ") + 3;
    page += "| `" + field.key.substr(dot + 1) + "` | `" + toml.substr(value, toml.rfind("  # ") - value) +
            "` | " + field.help + " |\n";
  }
  return page;
}

TEST(ConfigPage, ListsExactlyTheKeysWithDefaultAndMeaning) {
  const std::string page = read_file(drf::testing::source_path("docs/config.md"));
  const std::string begin = "<!-- keys -->\n", end = "\n<!-- end of keys -->";
  const size_t from = page.find(begin), to = page.find(end);
  ASSERT_TRUE(from != std::string::npos && to != std::string::npos && from < to);
  const size_t start = from + begin.size();
  EXPECT_EQ(page.substr(start, to - start), tables_of_config_page())
      << "docs/config.md is out of date: put this between its two marks\n"
      << tables_of_config_page();
}

}  // namespace
}  // namespace drf::run
