#include "drf/report/report.h"

#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/report/plot.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_folder.h"

namespace drf::report {
namespace {

using testing::error_of;
using testing::says;
using testing::TemporaryFolder;
using testing::write_text;

size_t count(const std::string& text, const std::string& part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(Plot, DrawsOneLineASeriesAndLeavesOutWhatIsNotFinite) {
  const std::string svg =
      line_plot("a<b", "update", {{"one", {{1, 1}, {2, NAN}, {3, 2}}}, {"two", {{1, 0}}}, {"none", {}}});
  EXPECT_EQ(count(svg, "<polyline"), 2u);
  EXPECT_EQ(svg.find("nan"), std::string::npos);
  EXPECT_NE(svg.find("a&lt;b"), std::string::npos);
}

TEST(Plot, FlatAndEmptyCurvesAreDrawnToo) {
  EXPECT_EQ(count(line_plot("flat", "x", {{"s", {{1, 5}, {2, 5}}}}), "<polyline"), 1u);
  EXPECT_NE(line_plot("empty", "x", {}).find("no data"), std::string::npos);
}

TEST(Report, HoldsTableClipsCurvesAndConfiguration) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7 # <&>\n");
  write_text(run / "metrics.jsonl",
             "{\"update\":1,\"reward\":-2.0}\n{\"update\":2,\"reward\":-1.0}\n{\"update\":3,\"rew");
  write_text(run / "samples/00.gif", "GIF89a");
  write_text(
      run / "evaluation.json",
      R"({"title":"T","note":"N","rows":[{"name":"TA","base":0.5,"after":0.75,"beside":{"base, guidance 4":0.625}}],"clips":[{"prompt":"p","file":"samples/00.gif"}]})");
  const std::string page = read_file(write_report(run.path()));
  EXPECT_NE(page.find("+0.250"), std::string::npos);
  EXPECT_NE(page.find("<th>base, guidance 4</th>"), std::string::npos);
  EXPECT_NE(page.find("<td>0.625</td>"), std::string::npos);
  EXPECT_NE(page.find("data:image/gif;base64,R0lGODlh"), std::string::npos);
  EXPECT_NE(page.find("seed = 7 # &lt;&amp;&gt;"), std::string::npos);
  EXPECT_GE(count(page, "<polyline"), 1u);
}

// The head of a PNG: all that the page looks at.
std::string png_head(uint8_t width, uint8_t height) {
  std::string bytes("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\0\0\x08\x02\0\0\0", 29);
  bytes[19] = static_cast<char>(width);
  bytes[23] = static_cast<char>(height);
  return bytes;
}

TEST(Report, FilmStripsCanBePausedAndSteppedWithoutANetwork) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7\n");
  write_text(run / "samples/00.png", png_head(45, 4));
  write_text(run / "samples/01.png", png_head(12, 3));
  write_text(run / "evaluation.json", R"({"clips":[
    {"prompt":"<p>","file":"samples/00.gif","strip":"samples/00.png","frames":9,"fps":8},
    {"prompt":"q","file":"samples/01.gif","strip":"samples/01.png","frames":4,"fps":8}]})");
  const std::string page = read_file(write_report(run.path()));
  EXPECT_EQ(count(page, "data:image/png;base64,iVBORw0KGgoAAAANSUhEUg"), 2u);
  EXPECT_EQ(count(page, "data-frames=\"9\"><img alt=\"before and after\" style=\"aspect-ratio:5/4\""), 1u);
  EXPECT_EQ(count(page, "data-frames=\"4\"><img alt=\"before and after\" style=\"aspect-ratio:3/3\""), 1u);
  // One bar for all of them, as long as the longest; without a script it is not shown.
  EXPECT_EQ(count(page, "class=\"player\""), 1u);
  EXPECT_EQ(count(page, "data-fps=\"8\" hidden>"), 1u);
  EXPECT_EQ(count(page, "max=\"8\""), 1u);
  EXPECT_EQ(count(page, "<button"), 3u);
  EXPECT_EQ(count(page, "<script>"), 1u);
  EXPECT_LT(page.find("class=\"film\""), page.find("<script>"));
  EXPECT_EQ(count(page, "http"), 0u);
  EXPECT_EQ(count(page, "&lt;p&gt;"), 1u);
}

TEST(Report, AStripThatIsNoneIsNamed) {
  const std::string clip = R"({"clips":[{"prompt":"p","file":"a.gif","strip":"a.png","frames":9,"fps":8}]})";
  for (const std::string& bytes : {png_head(44, 4), png_head(0, 4), std::string("GIF89a"), std::string()}) {
    TemporaryFolder run;
    write_text(run / "config.toml", "seed = 7\n");
    write_text(run / "evaluation.json", clip);
    write_text(run / "a.png", bytes);
    const std::string message = error_of(ErrorKind::kInput, [&] { write_report(run.path()); });
    EXPECT_TRUE(says(message, "a.png is no PNG of 9 frames")) << message;
    EXPECT_FALSE(std::filesystem::exists(run / "report.html"));
  }
}

TEST(Plot, HugeValuesAndCloseOnesEnd) {
  // Beside 1e16 a step of .5 changes nothing.
  EXPECT_LE(count(line_plot("close", "x", {{"s", {{1e16, 1e16}, {1e16 + 2, 1e16 + 2}}}}), "class=\"tick\""),
            30u);
  EXPECT_EQ(count(line_plot("huge", "x", {{"s", {{1, 1e308}, {2, -1e308}, {3, 1}, {4, 2}}}}), "<polyline"),
            1u);
  Series many{"many", {}};
  for (int i = 0; i < 100'000; ++i) many.points.emplace_back(i, i % 7);
  EXPECT_LT(line_plot("many", "x", {many}).size(), 100'000u);
}

TEST(Report, DamagedEvaluationsAreNamedAndNullsAreDashes) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7\n");
  write_text(run / "samples/00.gif", "GIF89a");
  const auto with = [&](const std::string& evaluation) {
    write_text(run / "evaluation.json", evaluation);
    return read_file(write_report(run.path()));
  };
  const auto refusal = [&](const std::string& evaluation) {
    return error_of(ErrorKind::kInput, [&] { with(evaluation); });
  };
  const std::string page =
      with(R"({"rows":[{"name":"TA","base":0.5,"after":null},{"name":"PF","base":null,"after":null}]})");
  EXPECT_NE(page.find("<td>0.500</td><td>-</td><td class=\"up\">-</td>"), std::string::npos);
  EXPECT_TRUE(says(refusal(R"({"title":"x","rows":[)"), "evaluation.json: is not a JSON object"));
  EXPECT_TRUE(says(refusal("[]"), "evaluation.json: is not a JSON object"));
  EXPECT_TRUE(says(refusal(""), "is not a JSON object"));
  EXPECT_TRUE(says(refusal(std::string(200'000, '[')), "is not a JSON object"));
  EXPECT_TRUE(says(refusal(R"({"title":7})"), "title is not a text"));
  EXPECT_TRUE(says(refusal(R"({"note":["a"]})"), "note is not a text"));
  EXPECT_TRUE(says(refusal(R"({"rows":{}})"), "rows is not a list"));
  EXPECT_TRUE(says(refusal(R"({"rows":[3]})"), "rows[0] is not an object"));
  EXPECT_TRUE(
      says(refusal(R"({"rows":[{"name":"TA","base":"0.5","after":1}]})"), "rows[0].base is not a number"));
  EXPECT_TRUE(says(refusal(R"({"rows":[{"name":"TA","base":0.5}]})"), "rows[0].after is missing"));
  EXPECT_TRUE(says(refusal(R"({"rows":[{"base":0.5,"after":1}]})"), "rows[0].name is missing"));
  EXPECT_TRUE(says(refusal(R"({"clips":[{"prompt":"p"}]})"), "clips[0].file is missing"));
  EXPECT_TRUE(says(refusal(R"({"clips":[{"file":"samples/00.gif"}]})"), "clips[0].prompt is missing"));
  EXPECT_TRUE(says(refusal(R"({"clips":[{"prompt":"p","file":"samples/01.gif"}]})"), "01.gif: no such file"));
  for (const char* file : {"/etc/passwd", "../secret.gif", "samples/../../secret.gif"}) {
    EXPECT_TRUE(says(refusal(concat(R"({"clips":[{"prompt":"p","file":")", file, R"("}]})")),
                     "leads out of the run folder"));
  }
}

TEST(Report, BrokenLinesOfMetricsAreLeftOutAndCounted) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7\n");
  const auto log_of = [&](const std::string& metrics) {
    write_text(run / "metrics.jsonl", metrics);
    ::testing::internal::CaptureStderr();
    write_report(run.path());
    return ::testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(log_of("{\"update\":1,\"reward\":-2.0}\n{\"update\":2,\"rew"), "") << "an interrupted run";
  EXPECT_TRUE(says(log_of("{\"update\":1,\"reward\":NaN}\n\xFF\n{\"update\":\"a\",\"reward\":null}\n"),
                   "2 of 3 lines are no JSON objects and are left out; the first is line 1"));
  EXPECT_EQ(log_of(""), "");
}

TEST(Report, ARunWithoutEvaluationHasAPageToo) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7\n");
  EXPECT_NE(read_file(write_report(run.path())).find("seed = 7"), std::string::npos);
}

TEST(Report, AnotherFolderIsRefused) {
  TemporaryFolder folder;
  EXPECT_THROW(write_report(folder.path()), Error);
}

}  // namespace
}  // namespace drf::report
