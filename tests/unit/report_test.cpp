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
