// Prompts are cleaned as diffusers' Wan pipeline does without ftfy: tools/reference/text.py.
#include "drf/text/prompt_clean.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"
#include "tests/support/text_cases.h"

namespace drf::text {
namespace {

TEST(PromptClean, EqualsDiffusersOnEntitiesNumbersAndSpaces) {
  const auto golden = testing::read_text_golden("prompt_clean.json");
  ASSERT_GE(golden["cases"].size(), 1500u);
  for (const auto& entry : golden["cases"]) {
    EXPECT_EQ(prompt_clean(entry[0].get<std::string>()), entry[1].get<std::string>()) << entry[0];
  }
}

TEST(PromptClean, KnowsEveryNamedReference) {
  const auto golden = testing::read_text_golden("prompt_clean.json");
  ASSERT_EQ(golden["names"].size(), 2231u);
  std::string all;
  for (const auto& name : golden["names"]) all += "[&" + name.get<std::string>() + "]";
  EXPECT_EQ(testing::hash_bytes(prompt_clean(all)), golden["all"].get<std::string>());
}

TEST(PromptClean, ResolvesTwiceAndOnlyTwice) {
  EXPECT_EQ(html_unescape("&amp;amp;lt;"), "&amp;lt;");
  EXPECT_EQ(prompt_clean("&amp;amp;lt;"), "&lt;");
  EXPECT_EQ(prompt_clean("  a\n\tcat &nbsp; &#x1F600;  "), "a cat \xF0\x9F\x98\x80");
  EXPECT_EQ(html_unescape("&notit; &#0; &#150;"), "\xC2\xACit; \xEF\xBF\xBD \xE2\x80\x93");
}

TEST(PromptClean, BrokenUtf8IsRefused) {
  const auto message = testing::error_of(ErrorKind::kInput, [] { prompt_clean("a cat \xE6\x97"); });
  EXPECT_TRUE(testing::says(message, "prompt: byte 6 (0xE6) is not UTF-8")) << message;
}

}  // namespace
}  // namespace drf::text
