// What keeps files from outside within bounds, each in its one place: JSON, patterns, messages.
#include <gtest/gtest.h>

#include "drf/base/json.h"
#include "drf/base/pattern.h"
#include "drf/base/printable.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf {
namespace {

using testing::error_of;
using testing::says;

std::string problem_of(const std::string& text) {
  std::string problem;
  EXPECT_TRUE(parse_json(text, problem).is_discarded()) << text.substr(0, 40);
  std::string ordered;
  EXPECT_TRUE(parse_ordered_json(text, ordered).is_discarded());
  EXPECT_EQ(problem, ordered);
  return problem;
}

TEST(Json, NestingIsLimitedBeforeAParserFollowsIt) {
  const auto nested = [](int levels, const char* open, const char* close) {
    std::string text;
    for (int i = 0; i < levels; ++i) text += open;
    text += "1";
    for (int i = 0; i < levels; ++i) text += close;
    return text;
  };
  std::string problem;
  EXPECT_TRUE(parse_json(nested(60, "[", "]"), problem).is_array());
  EXPECT_EQ(problem, "");
  EXPECT_TRUE(says(problem_of(nested(200000, "[", "]")), "nested deeper than"));
  EXPECT_TRUE(says(problem_of(nested(200000, "{\"a\":", "}")), "nested deeper than"));
  EXPECT_TRUE(says(problem_of(std::string(200000, '[')), "nested deeper than"));
}

TEST(Json, BracketsInsideStringsAreNoNesting) {
  std::string problem;
  const std::string text = "{\"a\": \"" + std::string(1000, '[') + "\\\"" + std::string(1000, '{') + "\"}";
  EXPECT_EQ(parse_json(text, problem)["a"].get<std::string>().size(), 2001u);
}

TEST(Json, AKeyThatStandsTwiceIsRefused) {
  EXPECT_TRUE(says(problem_of(R"({"a":1,"b":{"c":1},"a":2})"), "the key \"a\" stands twice"));
  EXPECT_TRUE(says(problem_of(R"([{"x":{"a":1,"\u0061":2}}])"), "the key \"a\" stands twice"));
  std::string problem;
  EXPECT_TRUE(parse_json(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})", problem).is_object()) << problem;
}

TEST(Json, FaultsAreNamedWithTheirPlace) {
  EXPECT_TRUE(says(problem_of("{\"a\": }"), "a fault at byte 7 of 7"));
  EXPECT_TRUE(says(problem_of("{\"a\": 1"), "ends too early"));
  EXPECT_TRUE(says(problem_of(""), "it is empty"));
  EXPECT_TRUE(says(problem_of("{\"a\": 1e999}"), "too large"));
  EXPECT_TRUE(says(problem_of(std::string("\xFF\xFE{\0}\0", 6)), "UTF-16"));
  EXPECT_TRUE(says(problem_of("{\"a\": \"\xFF\"}"), "a fault at byte"));
  EXPECT_TRUE(says(problem_of("[1,2] 3"), "a fault at byte"));
}

TEST(Json, AByteOrderMarkIsSkippedAndOrderKept) {
  std::string problem;
  EXPECT_EQ(parse_json("\xEF\xBB\xBF{\"a\":1}", problem)["a"], 1);
  EXPECT_EQ(parse_ordered_json(R"({"b":1,"a":2})", problem).begin().key(), "b");
  // Each new key would be compared with all before it: a million would take a quarter of an hour.
  std::string many = "{\"k\":0";
  for (int i = 0; i < 100'000; ++i) many += concat(",\"k", i, "\":0");
  many += "}";
  EXPECT_TRUE(parse_ordered_json(many, problem).is_discarded());
  EXPECT_TRUE(says(problem, "an object of more than 20000 keys"));
  EXPECT_EQ(parse_json(many, problem).size(), 100'001u);
}

TEST(Json, MillionsOfValuesAreRefused) {
  EXPECT_TRUE(says(problem_of("[" + std::string(9'000'000, ',') + "]"), "more than 4000000 values"));
}

TEST(Json, FilesAreNamed) {
  const testing::TemporaryFolder folder;
  testing::write_text(folder / "a.json", "{");
  EXPECT_TRUE(
      says(error_of(ErrorKind::kInput, [&] { read_json(folder / "a.json"); }), "a.json: is not JSON"));
}

TEST(Pattern, MatchesAsPythonsReDoes) {
  EXPECT_TRUE(Pattern("(?:.*\\.)?(?:to_q)", "f").matches_whole("blocks.0.attn1.to_q"));
  EXPECT_FALSE(Pattern("(?:.*\\.)?(?:to_q)", "f").matches_whole("blocks.0.attn1.into_q"));
  EXPECT_TRUE(Pattern("(?:.*\\.)?(?:^to_q)", "f").matches_whole("to_q"));
  EXPECT_FALSE(Pattern("(?:.*\\.)?(?:^to_q)", "f").matches_whole("a.to_q"));
  EXPECT_EQ(Pattern("b+", "f").find("abbc", 0), std::pair(size_t{1}, size_t{3}));
  EXPECT_EQ(Pattern("b+", "f").find("abbc", 3), std::nullopt);
}

TEST(Pattern, OneThatBacktracksWithoutEndIsAnErrorOfItsFile) {
  const Pattern pattern("(a|aa)+(a|aa)+(a|aa)+$", "folder/f.json", "shown");
  const auto message =
      error_of(ErrorKind::kInput, [&] { pattern.matches_whole(std::string(300, 'a') + "b"); });
  EXPECT_TRUE(says(message, "folder/f.json: the pattern 'shown' takes too many steps"));
  EXPECT_TRUE(says(error_of(ErrorKind::kInput, [] { Pattern("(", "f"); }), "does not compile"));
  EXPECT_TRUE(
      says(error_of(ErrorKind::kInput, [] { Pattern(std::string(200'000, 'a'), "f"); }), "200000 bytes"));
}

TEST(Printable, ControlsAndDirectionMarksBecomeEscapes) {
  EXPECT_EQ(printable("plain caf\xC3\xA9 \xE2\x96\x81"), "plain caf\xC3\xA9 \xE2\x96\x81");
  EXPECT_EQ(printable("\x1B[31mred\a\x7F\n\t\r"), "\\x1b[31mred\\x07\\x7f\\n\\t\\r");
  EXPECT_EQ(printable("\xFF\xC2"), "\\xff\\xc2");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            "\\x9b31m");  // a control of Latin-1
  EXPECT_EQ(printable("a\xE2\x80\xAE"
                      "b\xE2\x80\xA8"),
            "a\\u202eb\\u2028");  // turns what follows; ends the line
  EXPECT_EQ(printable(std::string("a\0b", 3)), "a\\x00b");
}

TEST(Printable, OfALongMessageTheMiddleIsLeftOut) {
  const std::string text = "where: " + std::string(10'000'000, 'x') + "; what to do";
  const std::string shown = printable(text);
  EXPECT_LT(shown.size(), kMessageBytes + 60);
  EXPECT_TRUE(shown.starts_with("where: xxx"));
  EXPECT_TRUE(shown.ends_with("xxx; what to do"));
  EXPECT_TRUE(says(shown, " [... " + std::to_string(text.size() - kMessageBytes) + " bytes ...] "));
  // Characters are not cut in two.
  std::string wide;
  for (int i = 0; i < 3000; ++i) wide += "\xE2\x96\x81";
  EXPECT_EQ(printable(wide).find("\\x"), std::string::npos);
}

}  // namespace
}  // namespace drf
