// The page on which questions are judged, as text. How it works in a browser: tests/python/test_judge.py.

#include "drf/report/judge_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf::report {
namespace {

using questions::Aspect;
using questions::Kind;
using questions::Verdict;

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

questions::JudgedFiles three_prompts() {
  return {{"a </script><script>alert(1)</script>", "<!-- \xe2\x80\xa8 \"quoted\" \\u003c", "rain"},
          {{"a", 0, Aspect::kTA, Kind::kYesNo, "</SCRIPT >?", "Yes"},
           {"b", 1, Aspect::kTA, Kind::kYesNo, "\xe6\xbc\xa2?", "No"},
           {"c", 2, Aspect::kTA, Kind::kDense, "What?", "rain", 1, "clips/<b>.mp4"}},
          "0123456789abcdef",
          "fedcba9876543210"};
}

nlohmann::json data_of(const std::string& page) {
  const std::string begin = "id=\"data\">";
  const size_t from = page.find(begin) + begin.size();
  return nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
}

TEST(JudgePage, HoldsAnyTextAsData) {
  const questions::JudgedFiles files = three_prompts();
  questions::Marks marks{{}, {questions::Mark{Verdict::kDuplicate}, {}, {}}, {{}, {{"it is wet"}, true}, {}}};
  const std::string page = judge_page(files, marks, "<q>.jsonl");
  EXPECT_EQ(count(page, "<script"), 2u);
  EXPECT_EQ(count(page, "</script>"), 2u);
  EXPECT_EQ(count(page, "<!--"), 0u);
  EXPECT_EQ(count(page, "://"), 0u) << "it loads nothing";
  EXPECT_EQ(count(page, "<title>&lt;q&gt;.jsonl</title>"), 1u);
  EXPECT_TRUE(std::all_of(page.begin(), page.end(), [](char c) { return static_cast<signed char>(c) > 0; }));
  const nlohmann::json data = data_of(page);
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(data["prompts"][i]["t"], files.prompts[i]);
    EXPECT_EQ(data["prompts"][i]["q"][0]["t"], files.questions[i].text);
  }
  EXPECT_EQ(data["prompts"][0]["q"][0]["v"], "duplicate");
  EXPECT_EQ(data["prompts"][1]["missed"], nlohmann::json({"it is wet"}));
  EXPECT_EQ(data["prompts"][2]["q"][0]["r"], "clips/<b>.mp4");
  EXPECT_EQ(data["header"], R"({"marks":1,"questions":"fedcba9876543210","prompts":"0123456789abcdef"})");
}

// Names of files are bytes to the system.
TEST(JudgePage, ShowsANameThatIsNotUtf8) {
  const questions::Marks marks{{}, {{}, {}, {}}, {{}, {}, {}}};
  const std::string page = judge_page(three_prompts(), marks, "q\xff\xe9.jsonl");
  EXPECT_EQ(data_of(page)["title"], "q\\xff\\xe9.jsonl");
  EXPECT_EQ(count(page, "<title>q\\xff\\xe9.jsonl</title>"), 1u);
}

TEST(JudgePage, ASampleHoldsItsPromptsOnlyAndSaysSo) {
  const questions::JudgedFiles files = three_prompts();
  questions::Marks marks{questions::PromptSample{2, 3, INT64_MAX}, {{}, {}, {}}, {{}, {}, {}}};
  const nlohmann::json data = data_of(judge_page(files, marks, "q"));
  const std::vector<int64_t> drawn = questions::sampled_prompts(*marks.sample);
  ASSERT_EQ(data["prompts"].size(), 2u);
  for (size_t i = 0; i < 2; ++i) EXPECT_EQ(data["prompts"][i]["p"], drawn[i]);
  EXPECT_EQ(data["note"], "a sample of 2 of 3 prompts, seed 9223372036854775807");
  EXPECT_EQ(nlohmann::json::parse(data["header"].get<std::string>())["sample"]["seed"], INT64_MAX);
}

// A page of before is made anew; the questions, given for it by mistake, are not.
TEST(JudgePage, ReplacesAPageOfItsKindAlone) {
  const testing::TemporaryFolder folder;
  const std::filesystem::path file = folder / "file";
  for (const char* bytes : {"", "{\"id\":\"p0-q0\"}\n", "<!doctype html>",
                            "<!doctype html><script type=\"application/json\" id=\"data\">{\"runs\":[]}"}) {
    testing::write_text(file, bytes);
    const std::string message = testing::error_of(ErrorKind::kConfig, [&] { require_judge_page(file); });
    EXPECT_TRUE(testing::says(message, "name another file, or remove this one first")) << bytes;
  }
  require_judge_page(folder / "none");
  require_judge_page("/dev/null");
  testing::write_text(file, judge_page(three_prompts(), {{}, {{}, {}, {}}, {{}, {}, {}}}, "q"));
  require_judge_page(file);
}

}  // namespace
}  // namespace drf::report
