#include "drf/report/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/base/flat_toml.h"
#include "drf/report/curves.h"
#include "drf/report/html.h"
#include "drf/report/run_folder.h"
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

TEST(Html, AChangeThatRoundsToNothingIsNeitherBetterNorWorse) {
  EXPECT_EQ(change_cells(0.5, 0.4999), "<td>0.500</td><td>0.500</td><td>+0.000</td>");
  EXPECT_EQ(change_cells(0.5, 0.4), "<td>0.500</td><td>0.400</td><td class=\"down\">-0.100</td>");
  EXPECT_EQ(change_cells(0.4, {}), "<td>0.400</td><td>-</td><td>-</td>");
}

TEST(Report, HoldsTableClipsCurvesAndConfiguration) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7 # <&>\n");
  write_text(run / "metrics.jsonl",
             "{\"update\":1,\"reward\":-2.0}\n{\"update\":2,\"reward\":-1.0}\n{\"update\":3,\"rew");
  write_text(run / "samples/00.gif", "GIF89a");
  write_text(
      run / "evaluation.json",
      R"({"title":"T","note":"N","rows":[{"name":"TA","base":0.5,"after":0.75,"half":0.125,"made_wrong":0.0625,"beside":{"base, guidance 4":0.625}},{"name":"p_yes","base":0.5,"after":0.5,"beside":{"base, guidance 4":0.5}}],"clips":[{"prompt":"p","file":"samples/00.gif"}]})");
  const std::string page = read_file(write_report(run.path()));
  EXPECT_NE(page.find("+0.250"), std::string::npos);
  EXPECT_NE(page.find("<th>&plusmn; 95 %</th><th>made wrong</th><th>base, guidance 4</th>"),
            std::string::npos);
  EXPECT_NE(page.find("+0.250</td><td>0.125</td><td>0.062</td><td>0.625</td>"), std::string::npos);
  EXPECT_NE(page.find(">+0.000</td><td>-</td><td>-</td><td>0.500</td>"), std::string::npos);
  EXPECT_NE(page.find("data:image/gif;base64,R0lGODlh"), std::string::npos);
  EXPECT_NE(page.find("seed = 7 # &lt;&amp;&gt;"), std::string::npos);
  EXPECT_NE(page.find(R"("curves":{"reward":[0,[-2,-1]]})"), std::string::npos);
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
  EXPECT_LT(page.find("class=\"film\""), page.find("<script>"));
  // The library's own address, in its head, is the only one.
  EXPECT_EQ(count(page, "http://") + count(page, "https://"), 1u);
  EXPECT_EQ(count(page, "https://github.com/leeoniya/uPlot (v"), 1u);
  EXPECT_EQ(count(page, "Copyright (c) 2022 Leon Sorokin"), 1u);
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

// A run with one clip of 9 frames, each of two clips of 20 x 4 pixels with 2 columns between, and its looks.
std::string page_with(const std::string& looks, const std::string& gap = "2", uint8_t cells = 180) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7\n");
  std::string strip = png_head(0, 4);
  strip[18] = static_cast<char>(9 * 42 / 256);
  strip[19] = static_cast<char>(9 * 42 % 256);
  write_text(run / "a.png", strip);
  write_text(run / "look.png", png_head(cells, 2));
  write_text(run / "evaluation.json",
             R"({"clips":[{"prompt":"p","file":"a.gif","strip":"a.png","frames":9,"fps":8,"gap":)" + gap +
                 R"(,"looks":)" + looks + "}]}");
  return read_file(write_report(run.path()));
}

TEST(Report, WhereTheCriticLookedIsChosenByQuestion) {
  const std::string page = page_with(
      R"([{"text":"Is <it> red?","aspect":"TA","file":"look.png","before":0.25,"after":null},
          {"text":"q","aspect":"PF","file":"look.png","before":1e-9,"after":2}])");
  EXPECT_EQ(count(page, "<img class=\"look\" alt=\"\" hidden src=\"data:image/png;base64,iVBORw0KGgo"), 2u);
  EXPECT_EQ(
      count(page,
            "data-frames=\"9\" data-gap=\"2\"><img alt=\"before and after\" style=\"aspect-ratio:42/4\""),
      1u);
  EXPECT_EQ(count(page, "<option>TA: Is &lt;it&gt; red? (0.25 to -)</option>"), 1u);
  EXPECT_EQ(count(page, "<option>PF: q (1e-09 to 2)</option>"), 1u);
  EXPECT_EQ(count(page, "<p class=\"hint\">Where the critic looked:"), 1u);
}

TEST(Report, ALookThatIsNoneIsNamed) {
  const std::string good = R"({"text":"t","aspect":"TA","file":"look.png","before":1,"after":1})";
  const auto refusal = [&](const std::string& looks, const std::string& gap = "2", uint8_t cells = 180) {
    return error_of(ErrorKind::kInput, [&] { page_with(looks, gap, cells); });
  };
  EXPECT_TRUE(says(refusal("7"), "clips[0].looks is not a list"));
  EXPECT_TRUE(says(refusal("[7]"), "clips[0].looks[0] is not an object"));
  EXPECT_TRUE(says(refusal("[" + good + R"(,{"text":"t"}])"), "clips[0].looks[1].file is missing"));
  EXPECT_TRUE(says(refusal(R"([{"text":"t","aspect":"TA","file":"../look.png","before":1,"after":1}])"),
                   "clips[0].looks[0].file leads out of the run folder"));
  EXPECT_TRUE(says(refusal(R"([{"text":"t","aspect":"TA","file":"look.png","before":"1","after":1}])"),
                   "clips[0].looks[0].before is not a number"));
  EXPECT_TRUE(says(refusal("[" + good + "]", "2", 81), "look.png is no PNG of 9 frames of two clips"));
  for (const char* gap : {"1", "42", "-2", "0.5", "1e300", "null"})
    EXPECT_TRUE(says(refusal("[" + good + "]", gap), "clips[0].gap leaves no two clips in 42 columns"))
        << gap;
  EXPECT_TRUE(says(refusal("[" + good + "]", "\"2\""), "clips[0].gap is not a number"));
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
  EXPECT_NE(page.find("<td>0.500</td><td>-</td><td>-</td>"), std::string::npos);
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
  EXPECT_TRUE(says(refusal(R"({"questions":[{"prompt":"p"}]})"), "questions[0].text is missing"));
  EXPECT_TRUE(says(refusal(R"({"rows":[{"name":"TA","base":1,"after":1,"beside":[]}]})"),
                   "rows[0].beside is not an object"));
  EXPECT_TRUE(says(refusal(R"({"clips":[{"file":"samples/00.gif"}]})"), "clips[0].prompt is missing"));
  EXPECT_TRUE(says(refusal(R"({"clips":[{"prompt":"p","file":"samples/01.gif"}]})"), "01.gif: no such file"));
  for (const char* file : {"/etc/passwd", "../secret.gif", "samples/../../secret.gif"}) {
    EXPECT_TRUE(says(refusal(concat(R"({"clips":[{"prompt":"p","file":")", file, R"("}]})")),
                     "leads out of the run folder"));
  }
}

// A page is mailed: what lies beyond the run is not in it.
TEST(Report, NoLinkLeadsOutOfTheRun) {
  namespace fs = std::filesystem;
  TemporaryFolder folder;
  const auto run = folder / "run";
  write_text(folder / "beyond/secret.gif", "GIF89a");
  write_text(folder / "beyond/secret.png", png_head(9, 4));
  write_text(folder / "run2/secret.gif", "GIF89a");  // whose name begins with the run's
  write_text(run / "config.toml", "seed = 7\n");
  write_text(run / "samples/own.gif", "GIF89a");
  fs::create_symlink(folder / "beyond/secret.gif", run / "samples/absolute.gif");
  fs::create_symlink("../../beyond/secret.gif", run / "samples/relative.gif");
  fs::create_symlink("../../run2/secret.gif", run / "samples/beside.gif");
  fs::create_directory_symlink(folder / "beyond", run / "linked");
  fs::create_symlink("own.gif", run / "samples/within.gif");
  fs::create_symlink(run, folder / "name");
  const auto of = [&](const std::string& file) {
    write_text(run / "evaluation.json", R"({"clips":[{"prompt":"p",)" + file + "}]}");
    return [&] { write_report(run); };
  };
  for (const char* file :
       {R"("file":"samples/absolute.gif")", R"("file":"samples/relative.gif")",
        R"("file":"samples/beside.gif")", R"("file":"linked/secret.gif")", R"("file":"linked/none.gif")",
        R"("strip":"linked/secret.png","frames":9,"fps":8)"}) {
    const std::string message = error_of(ErrorKind::kInput, of(file));
    EXPECT_TRUE(says(message, "leads out of the run folder")) << file;
    EXPECT_FALSE(fs::exists(run / "report.html"));
  }
  of(R"("file":"samples/within.gif")")();
  EXPECT_TRUE(fs::exists(write_report(folder / "name"))) << "the run itself may stand behind a link";
  // The other files of a run are shown as well.
  for (const char* name : {"evaluation.json", "metrics.jsonl", "config.toml"}) {
    write_text(folder / "beyond" / name, "{}");
    fs::remove(run / name);
    fs::create_symlink(folder / "beyond" / name, run / name);
    const std::string message = error_of(ErrorKind::kInput, [&] { write_report(run); });
    EXPECT_TRUE(says(message, concat(name, ": leads out of the run folder"))) << name;
    fs::remove(run / name);
  }
}

TEST(Report, AClipThatIsNoPictureIsNamed) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7\n");
  for (const char* file : {"a.gif", "a.png", "config.toml"}) {
    for (const char* bytes : {"", "GIF8", "root:x:0:0", "\x89PNG", "<svg>"}) {
      if (file[0] == 'a') write_text(run / file, bytes);
      write_text(run / "evaluation.json", concat(R"({"clips":[{"prompt":"p","file":")", file, R"("}]})"));
      const std::string message = error_of(ErrorKind::kInput, [&] { write_report(run.path()); });
      EXPECT_TRUE(says(message, concat(file, " is neither GIF nor PNG")));
    }
  }
  write_text(run / "evaluation.json", R"({"clips":[{"prompt":"p","file":"a.gif"}]})");
  write_text(run / "a.gif", png_head(4, 4));
  EXPECT_EQ(count(read_file(write_report(run.path())), "src=\"data:image/png;base64,"), 1u);
}

TEST(Report, WhatIsNoPageIsNotReplaced) {
  TemporaryFolder folder;
  for (const char* bytes : {"seed = 7\n", "", "<!doctype", " <!doctype html>"}) {
    write_text(folder / "file", bytes);
    const std::string message = error_of(ErrorKind::kConfig, [&] { require_page(folder / "file"); });
    EXPECT_TRUE(says(message, "name another file"));
  }
  write_text(folder / "run/config.toml", "seed = 7\n");
  require_page(folder / "none");
  require_page(folder.path());
  require_page("/dev/null");
  require_page(write_report(folder / "run"));
}

TEST(Report, StagesAreNeitherRewardsByNameNorHeldOutMeasures) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7\n");
  write_text(run / "metrics.jsonl",
             R"({"update":1,"seconds":4,"rollout_s":1,"extra_s":2,"reward/optical_s":3,"held_out_p_s":3,)"
             R"("held_out_reward/a_s":3})");
  const std::string page = read_file(write_report(run.path()));
  const std::string cost = page.substr(page.find("<section id=\"cost\">"));
  const std::string table = cost.substr(0, cost.find("</section>"));
  EXPECT_EQ(count(table, "<th scope=\"row\">rollout</th><td>1 s, 25 %</td>"), 1u);
  EXPECT_EQ(count(table, "<th scope=\"row\">extra</th><td>2 s, 50 %</td>"), 1u);
  EXPECT_EQ(count(table, "75 %"), 0u) << table;
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

// Of {"update": ...} lines in a folder that is a run.
nlohmann::ordered_json curves_from(const std::string& metrics) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7\n");
  write_text(run / "metrics.jsonl", metrics);
  return curves_of(open_runs({run.path()}))["runs"][0];
}

TEST(FlatToml, GivesDottedKeysAndValuesAsToml) {
  const auto flat =
      flat_toml("b = [1, 2]\na = \"x\"\n[t]\nm = { TA = 1.5 }\n[[r]]\nk = true\n[[r]]\nk = false\n");
  ASSERT_TRUE(flat);
  const std::vector<std::pair<std::string, std::string>> want = {
      {"a", "\"x\""}, {"b", "[ 1, 2 ]"}, {"r.0.k", "true"}, {"r.1.k", "false"}, {"t.m.TA", "1.5"}};
  EXPECT_EQ(*flat, want);
  EXPECT_FALSE(flat_toml("a = "));
  EXPECT_FALSE(flat_toml("a = " + std::string(100'000, '[')));
}

TEST(Curves, NullsAndHugeValuesAreGapsAndOddUpdatesAreLeftOut) {
  const auto run = curves_from(
      "{\"update\":1,\"a\":1e300,\"b\":0.123456789,\"text\":\"x\",\"skipped\":true}\n"
      "{\"update\":1e308,\"a\":1}\n{\"update\":-1,\"a\":1}\n{\"a\":1}\n{\"update\":\"2\",\"a\":1}\n[]\n"
      "{\"update\":3,\"a\":null,\"b\":-2}\n");
  EXPECT_EQ(run["xs"].dump(), "[[1,3]]");
  EXPECT_EQ(run["curves"].dump(), R"({"a":[0,[null,null]],"b":[0,[0.1234568,-2]]})");
}

TEST(Curves, UpdatesWrittenAgainCountOnceAndStandInOrder) {
  const auto run = curves_from(
      "{\"update\":1,\"a\":1}\n{\"update\":2,\"a\":2}\n{\"update\":3,\"a\":3}\n{\"update\":2,\"a\":20,\"b\":"
      "7}\n");
  EXPECT_EQ(run["xs"].dump(), "[[1,2,3],[2]]");
  EXPECT_EQ(run["curves"].dump(), R"({"a":[0,[1,20,3]],"b":[1,[7]]})");
}

TEST(Curves, LongOnesAreThinnedToTheirEnds) {
  std::string metrics;
  for (int i = 1; i <= 10'000; ++i) metrics += concat("{\"update\":", i, ",\"a\":", i % 7, "}\n");
  const auto run = curves_from(metrics);
  EXPECT_EQ(run["every"], 3);
  EXPECT_LE(run["xs"][0].size(), kMostPoints);
  EXPECT_EQ(run["xs"][0].size(), run["curves"]["a"][1].size());
  EXPECT_EQ(run["xs"][0].front(), 1);
  EXPECT_EQ(run["xs"][0].back(), 10'000);
}

TEST(Curves, AlarmsAreNamedByTheirMeasure) {
  const auto run = curves_from(
      "{\"update\":4,\"rank_accuracy/s\":0.4,\"alarm/rank_accuracy/s\":1}\n"
      "{\"update\":5,\"rank_accuracy/s\":0.3,\"alarm/rank_accuracy/s\":1}\n");
  EXPECT_EQ(run["alarms"].dump(), R"({"rank_accuracy/s":[4,5]})");
  EXPECT_FALSE(run["curves"].contains("alarm/rank_accuracy/s"));
}

// Prompts, questions, names, keys and configurations are text, whatever they hold.
TEST(Report, NothingFromOutsideIsMarkup) {
  const std::string hostile = "</script><script>alert(1)</script><!--<img src=x onerror=alert(2)>\" '&amp;";
  TemporaryFolder folder;
  const auto run = folder / "<img src=x onerror=alert(3)>";
  write_text(run / "config.toml", "seed = 7 # " + hostile + "\n\"" + "<b>" + "\" = \"<i>\"\n");
  nlohmann::json line = {{"update", 1}, {hostile, 2}, {"alarm/" + hostile, 1}, {"<img src=x>_s", 1}};
  write_text(run / "metrics.jsonl", line.dump() + "\n");
  write_text(run / "a.png", png_head(4, 4));
  nlohmann::json question = {{"prompt", hostile}, {"text", hostile}, {"aspect", hostile},
                             {"answer", hostile}, {"base", nullptr}, {"after", 1}};
  nlohmann::json row = {{"name", hostile}, {"base", 1}, {"after", 2}, {"beside", {{hostile, 3}}}};
  nlohmann::json clip = {{"prompt", hostile}, {"strip", "a.png"}, {"frames", 1}, {"fps", 8}};
  write_text(run / "evaluation.json", nlohmann::json({{"title", hostile},
                                                      {"note", hostile},
                                                      {"rows", {row}},
                                                      {"clips", {clip}},
                                                      {"questions", {question}}})
                                          .dump());
  const auto other = folder / "b";
  write_text(other / "config.toml", "seed = 8\n");
  write_report({run, other}, folder / "page.html");
  for (const std::string& page : {read_file(write_report(run)), read_file(folder / "page.html")}) {
    EXPECT_EQ(count(page, "<img src=x"), 0u);
    EXPECT_EQ(count(page, "alert(1)</script>"), 0u);
    EXPECT_EQ(count(page, "<!--"), 0u);
    EXPECT_EQ(count(page, "<b>\""), 0u);
    EXPECT_EQ(count(page, "<script"), 6u) << "its own";
    EXPECT_GE(count(page, "&lt;/script&gt;"), 8u);
  }
}

TEST(Report, SeveralRunsStandSideBySideWhateverEachHas) {
  TemporaryFolder folder;
  const auto run = [&](const std::string& name, const std::string& config, const std::string& metrics,
                       const std::string& evaluation) {
    write_text(folder / name / "config.toml", config);
    if (!metrics.empty()) write_text(folder / name / "metrics.jsonl", metrics);
    if (!evaluation.empty()) write_text(folder / name / "evaluation.json", evaluation);
    return folder / name;
  };
  const auto a =
      run("a", "# drf 0.1.0, libtorch 2.13.0\nseed = 1\n[train]\nlr = 0.5\nupdates = 9\n",
          "{\"update\":1,\"seconds\":2,\"rollout_s\":1.5,\"peak_gib\":3,\"share_of_peak\":0.25}\n"
          "{\"update\":2,\"seconds\":4,\"rollout_s\":1.5,\"peak_gib\":5}\n{\"update\":3,\"sec",
          R"({"rows":[{"name":"TA","base":0.5,"after":0.75},{"name":"PF","base":0.1,"after":0.05}]})");
  const auto b = run("b", "seed = 1\n[train]\nlr = 0.25\nupdates = 9\n", "",
                     R"({"rows":[{"name":"TA","base":0.5,"after":0.6}],"questions":[
                     {"prompt":"p","text":"Is it?","aspect":"TA","answer":"Yes","base":0.25,"after":null}]})");
  const auto c = run("c", "not = [toml", "", "");
  write_report({a, b, c}, folder / "page.html");
  const std::string page = read_file(folder / "page.html");
  // What differs comes first; a run that cannot be read as TOML differs in everything.
  EXPECT_LT(page.find("What differs"), page.find("Before and after"));
  EXPECT_NE(page.find("<th scope=\"row\">train.lr</th><td>0.5</td><td>0.25</td><td>-</td>"),
            std::string::npos);
  EXPECT_NE(page.find("config.toml of c (cannot be read as TOML)"), std::string::npos);
  EXPECT_NE(
      page.find("<th scope=\"row\">made by</th><td>drf 0.1.0, libtorch 2.13.0</td><td>-</td><td>-</td>"),
      std::string::npos);
  EXPECT_NE(page.find("<tr><td>PF</td><td>0.100</td><td>0.050</td><td "
                      "class=\"down\">-0.050</td><td>-</td><td>-</td><td>-</td></tr>"),
            std::string::npos);
  EXPECT_NE(page.find("<th scope=\"row\">updates done</th><td>2 of 9</td><td>-</td><td>-</td>"),
            std::string::npos);
  EXPECT_NE(page.find("<th scope=\"row\">time in updates</th><td>6.0 s</td>"), std::string::npos);
  EXPECT_NE(page.find("rate, median</th><td>25.0 %</td>"), std::string::npos);
  EXPECT_NE(page.find("<th scope=\"row\">most tensor memory</th><td>5 GiB</td>"), std::string::npos);
  EXPECT_NE(page.find("<td>0.250</td><td>-</td>"), std::string::npos);

  write_report({a, a / "../b"}, folder / "two.html");
  EXPECT_EQ(count(read_file(folder / "two.html"), "<th scope=\"row\">seed</th>"), 0u)
      << "which does not differ";
  EXPECT_TRUE(says(error_of(ErrorKind::kConfig,
                            [&] {
                              write_report({a, b, a / "."}, folder / "x.html");
                            }),
                   "is given twice"));
  EXPECT_TRUE(says(error_of(ErrorKind::kInput,
                            [&] {
                              write_report({a, folder.path()}, folder / "x.html");
                            }),
                   "not a run directory"));
  EXPECT_FALSE(std::filesystem::exists(folder / "x.html"));
}

TEST(Report, RunsOfOneNameAreToldApartByTheirPaths) {
  TemporaryFolder folder;
  for (const char* name : {"x/run", "y/run"}) write_text(folder / name / "config.toml", "seed = 1\n");
  const auto runs = open_runs({folder / "x/run/", folder / "y/run"});
  EXPECT_NE(runs[0].name, runs[1].name);
  EXPECT_EQ(open_runs({folder / "x/run/"})[0].name, "run");
}

TEST(Report, AQuestionThatIsAskedTwiceStandsThereTwice) {
  TemporaryFolder folder;
  const std::string question =
      R"({"prompt":"p","text":"Is it?","aspect":"TA","answer":"Yes","base":0.25,"after":0.5})";
  for (const char* name : {"a", "b"}) write_text(folder / name / "config.toml", "seed = 1\n");
  write_text(folder / "a/evaluation.json", R"({"questions":[)" + question + "," + question + "]}");
  write_text(folder / "b/evaluation.json", R"({"questions":[)" + question + "]}");
  write_report({folder / "a", folder / "b"}, folder / "page.html");
  EXPECT_EQ(count(read_file(folder / "page.html"), "Is it?"), 2u);
}

TEST(Report, ItsSizeStandsInIt) {
  TemporaryFolder run;
  write_text(run / "config.toml", "seed = 7\n");
  const std::string page = read_file(write_report(run.path()));
  EXPECT_NE(page.find(concat("One file, ", bytes_in_words(page.size()), ", that loads nothing")),
            std::string::npos);
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
