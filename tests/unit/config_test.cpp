// The configuration file and --set, as any tree of fields reads them.
#include <gtest/gtest.h>

#include "drf/base/config_fields.h"
#include "drf/base/nearest.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf {
namespace {

using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;

// A tree with every type a field may have, two levels deep.
struct Inner {
  double rate = 0.5;
  std::vector<double> numbers = {0.1, 2.0};
  void fields(FieldVisitor& v) {
    v("rate", rate, "a rate");
    v("numbers", numbers, "some numbers");
  }
};
struct Outer {
  bool on = false;
  std::string name = "plain";
  std::vector<std::string> names = {"a", "b"};
  std::vector<int64_t> counts = {1, 2};
  Inner inner;
  void fields(FieldVisitor& v) {
    v("on", on, "a switch");
    v("name", name, "a name");
    v("names", names, "names");
    v("counts", counts, "counts");
    v.section("inner", inner);
  }
};
struct Tree {
  int64_t seed = 7;
  std::map<std::string, double> weights = {{"x", 1.0}};
  Outer outer;
  void fields(FieldVisitor& v) {
    v("seed", seed, "a seed");
    v("weights", weights, "weights");
    v.section("outer", outer);
  }
};

TEST(Nearest, DistanceCountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("", "abc"), 3);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3);
  EXPECT_EQ(edit_distance("warmpu", "warmup"), 1);
  EXPECT_EQ(edit_distance("same", "same"), 0);
  EXPECT_EQ(nearest("to_k", {"to_q", "ffn", "to_k0", "norm"}, 2),
            (std::vector<std::string>{"to_q", "to_k0"}));
  EXPECT_TRUE(nearest("zzz", {"alpha", "beta"}, 3).empty());
}

TEST(ConfigFields, EveryTypeIsReadAndWhatIsAbsentKeepsItsDefault) {
  Tree tree;
  const auto given = read_config_text(R"(
weights = { y = 2, "odd key" = 0.25 }
[outer]
on = true
names = []
counts = [3]
[outer.inner]
rate = 2
)",
                                      "t.toml", fields_of(tree));
  EXPECT_EQ(tree.seed, 7);
  EXPECT_EQ(tree.weights, (std::map<std::string, double>{{"y", 2.0}, {"odd key", 0.25}}));
  EXPECT_TRUE(tree.outer.on);
  EXPECT_EQ(tree.outer.name, "plain");
  EXPECT_TRUE(tree.outer.names.empty());
  EXPECT_EQ(tree.outer.counts, std::vector<int64_t>{3});
  EXPECT_EQ(tree.outer.inner.rate, 2.0);
  EXPECT_EQ(
      std::set<std::string>(given.begin(), given.end()),
      (std::set<std::string>{"weights", "outer.on", "outer.names", "outer.counts", "outer.inner.rate"}));
}

TEST(ConfigFields, TheWrittenConfigReadsBackToTheSameBits) {
  Tree tree;
  tree.outer.name = "quote \" backslash \\ line\nbreak \t bell \x07 \xC3\xA9";
  tree.outer.inner.numbers = {0.1 + 0.2, 1e-300, -0.0, 5e22, 3.0};
  tree.weights = {{"a.b", 1.0 / 3}};
  tree.seed = INT64_MAX;
  const std::string text = config_to_toml(fields_of(tree));
  Tree back;
  read_config_text(text, "back", fields_of(back));
  EXPECT_EQ(back.outer.name, tree.outer.name);
  EXPECT_EQ(back.outer.inner.numbers, tree.outer.inner.numbers);
  EXPECT_EQ(back.weights, tree.weights);
  EXPECT_EQ(back.seed, tree.seed);
  EXPECT_EQ(config_to_toml(fields_of(back)), text);
  EXPECT_TRUE(says(text, "[outer.inner]\nrate = 0.5  # a rate\n"));
}

TEST(ConfigFields, MistakesInAFileAreNamedWithTheirLine) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"\nsede = 1", "t.toml:2: unknown key 'sede'; did you mean 'seed'?"},
      {"[outer]\n\nrate = 1", "t.toml:3: unknown key 'outer.rate'; did you mean 'outer.inner.rate'?"},
      {"[outre]\non = true", "t.toml:1: unknown key 'outre'; did you mean 'outer'?"},
      {"[outer.inner]\nxyzzy = 1", "unknown key 'outer.inner.xyzzy'; known here: [rate, numbers]"},
      {"seed = 1.5", "t.toml:1: seed is 1.5, wanted a whole number"},
      {"seed = \"1\"", "seed is \"1\", wanted a whole number"},
      {"[outer]\non = 1", "t.toml:2: outer.on is 1, wanted true or false"},
      {"[outer]\ncounts = [1, 2.5]", "outer.counts is [ 1, 2.5 ], wanted a list of whole numbers"},
      {"[outer]\nnames = \"a\"", "wanted a list of texts"},
      {"[outer.inner]\nrate = nan", "outer.inner.rate is nan, wanted a number"},
      {"[outer.inner]\nrate = inf", "outer.inner.rate is inf, wanted a number"},
      {"weights = { a = true }", "weights is a table, wanted a table of numbers"},
      {"outer = 3", "outer is 3, wanted a table, [outer]"},
      {"seed = 1\nseed = 2", "t.toml:2:"},
      {"seed = ", "not TOML"},
  };
  for (const auto& [text, part] : cases) {
    Tree tree;
    EXPECT_TRUE(
        says(error_of(ErrorKind::kConfig, [&] { read_config_text(text, "t.toml", fields_of(tree)); }), part));
  }
  Tree tree;
  EXPECT_TRUE(
      says(error_of(ErrorKind::kConfig, [&] { read_config_file("/nonexistent/a.toml", fields_of(tree)); }),
           "/nonexistent/a.toml: no such file"));
}

TEST(ConfigFields, OverridesAreTomlWithOptionalQuotes) {
  Tree tree;
  const auto fields = fields_of(tree);
  EXPECT_EQ(override_field("seed=12", fields), "seed");
  override_field("outer.name=bare word", fields);
  EXPECT_EQ(tree.outer.name, "bare word");
  override_field("outer.name=2024", fields);
  EXPECT_EQ(tree.outer.name, "2024");
  override_field("outer.name=\"in = quotes\"", fields);
  EXPECT_EQ(tree.outer.name, "in = quotes");
  override_field("outer.name=a=b", fields);
  EXPECT_EQ(tree.outer.name, "a=b");
  override_field("outer.name=", fields);
  EXPECT_EQ(tree.outer.name, "");
  override_field("outer.counts = [4, 5]", fields);
  EXPECT_EQ(tree.outer.counts, (std::vector<int64_t>{4, 5}));
  override_field("outer.inner.rate=1e-3", fields);
  EXPECT_EQ(tree.outer.inner.rate, 1e-3);
  EXPECT_EQ(override_field("weights.z=3", fields), "weights");
  EXPECT_EQ(tree.weights, (std::map<std::string, double>{{"x", 1.0}, {"z", 3.0}}));
  override_field("weights={q=1}", fields);
  EXPECT_EQ(tree.weights, (std::map<std::string, double>{{"q", 1.0}}));
  EXPECT_EQ(tree.seed, 12);
}

TEST(ConfigFields, MistakesInOverridesAreNamed) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"seed", "wanted key=value"},
      {"=3", "wanted key=value"},
      {"seed=abc", "seed is \"abc\", wanted a whole number"},
      {"seed=1\nname=2", "wanted a whole number"},
      {"sed=1", "--set sed=1: unknown key 'sed'; did you mean 'seed'?"},
      {"outer=1", "outer is a section"},
      {"weights.x=heavy", "wanted a number"},
      {"outer.name=\xFF", "not UTF-8"},
  };
  for (const auto& [set, part] : cases) {
    Tree tree;
    EXPECT_TRUE(says(error_of(ErrorKind::kConfig, [&] { override_field(set, fields_of(tree)); }), part));
    EXPECT_EQ(tree.seed, 7);
  }
}

}  // namespace
}  // namespace drf
