#include "drf/report/report.h"

#include <gtest/gtest.h>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/report/plot.h"
#include "tests/support/temporary_folder.h"

namespace drf::report {
namespace {

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
