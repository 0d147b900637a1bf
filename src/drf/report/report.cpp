#include "drf/report/report.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/report/clips.h"
#include "drf/report/curves.h"
#include "drf/report/embedded.h"
#include "drf/report/html.h"
#include "drf/report/run_folder.h"
#include "drf/report/tables.h"

namespace drf::report {
namespace {

namespace fs = std::filesystem;

// What the page may load and where it may send anything: nowhere. Style, scripts and pictures are inline.
constexpr const char* kHead =
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
    "'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">";

constexpr const char* kTraining = R"(<section id="training"><h2>Training</h2>
<noscript><p>The curves need this page's script.</p></noscript>
<div class="controls" hidden><label>Smoothing <input type="range" id="smooth" min="0" value="0"></label><output for="smooth" id="window"></output>
<label><input type="checkbox" id="raw" checked> each update</label>
<label><input type="checkbox" id="band" checked> 95 % interval</label>
<button type="button" id="whole">Whole run</button></div>
<p class="hint">The line is the mean over the updates around each point; the band is the 95 % interval of that mean, as if updates were
independent; on logarithmic axes both are of the logarithms. Drag to look closer; with a chart in focus, arrow keys move along it, + and - look closer and farther, Escape shows all.</p>
)";

constexpr std::string_view kBegin = "<!doctype html";  // of every page

constexpr std::string_view kSection = "<section id=\"";  // how each part begins; no text from outside can

std::string title_of(const std::vector<RunFolder>& runs) {
  if (runs.size() == 1) return runs[0].evaluation.text("title").value_or("drf: " + runs[0].name);
  return concat("drf: ", runs.size(), " runs");
}

void write_head(std::ostream& page, const std::vector<RunFolder>& runs) {
  const std::string title = escape_html(title_of(runs));
  page << kBegin << "><html lang=\"en\"><head><meta charset=\"utf-8\">" << kHead << "<title>" << title
       << "</title><style>" << kUplotStyle << kPageStyle << "</style></head><body><header><h1>" << title
       << "</h1>";
  for (const RunFolder& run : runs) {
    const auto note = run.evaluation.text("note");
    if (note)
      page << "<p>" << (runs.size() > 1 ? "<b>" + escape_html(run.name) + "</b>: " : "") << escape_html(*note)
           << "</p>";
  }
  page << "<div id=\"runs\" role=\"group\" aria-label=\"runs\" hidden></div>";
}

void write_training(std::ostream& page, const std::vector<RunFolder>& runs) {
  bool any = false;
  for (const RunFolder& run : runs) any |= !run.metrics.empty();
  if (!any) return;
  page << kTraining;
  write_alarms(page, runs);
  page << "<div id=\"charts\"></div></section>";
}

std::string page_of(const std::vector<RunFolder>& runs) {
  std::ostringstream sections;
  // What differs comes first where runs are compared.
  if (runs.size() > 1) write_configuration(sections, runs);
  write_results(sections, runs);
  write_clips(sections, runs);
  write_training(sections, runs);
  write_questions(sections, runs);
  write_cost(sections, runs);
  if (runs.size() == 1) write_configuration(sections, runs);

  std::ostringstream page;
  write_head(page, runs);
  const std::string body = sections.str();
  page << "<nav aria-label=\"parts\">";
  for (size_t at = body.find(kSection); at != std::string::npos; at = body.find(kSection, at + 1)) {
    const size_t begin = at + kSection.size();
    const std::string id = body.substr(begin, body.find('"', begin) - begin);
    page << "<a href=\"#" << id << "\">" << id << "</a> ";
  }
  page << "</nav></header><main>" << body << "</main>";
  std::ostringstream scripts;
  scripts << "<script type=\"application/json\" id=\"data\">" << for_script(curves_of(runs))
          << "</script>\n<script>/*!\n"
          << kUplotLicence << "*/\n"
          << kUplotScript << "</script>\n";
  for (const std::string_view script : {kCurveScript, kChartScript, kPlayerScript, kTableScript})
    scripts << "<script>" << script << "</script>\n";
  const std::string begin = page.str(), end = scripts.str() + "</body></html>\n";
  return concat(begin, "<footer>One file, ", bytes_in_words(begin.size() + end.size() + 100),
                ", that loads nothing. Curves by uPlot (MIT).</footer>", end);
}

}  // namespace

void require_page(const fs::path& page) {
  std::error_code ec;
  if (!fs::is_regular_file(page, ec)) return;
  std::string begin(kBegin.size(), '\0');
  std::ifstream(page, std::ios::binary).read(begin.data(), static_cast<std::streamsize>(begin.size()));
  if (begin != kBegin)
    fail(ErrorKind::kConfig, page, ": is there and is no page of a report, which begins with ", kBegin,
         "; name another file, or remove this one first");
}

void write_report(const std::vector<fs::path>& runs, const fs::path& page) {
  write_file_atomically(page, page_of(open_runs(runs)));
}

fs::path write_report(const fs::path& run) {
  const fs::path page = run / "report.html";
  write_report(std::vector<fs::path>{run}, page);
  return page;
}

}  // namespace drf::report
