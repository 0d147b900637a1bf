#include "drf/report/page.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "drf/base/error.h"
#include "drf/report/clips.h"
#include "drf/report/curves.h"
#include "drf/report/embedded.h"
#include "drf/report/html.h"
#include "drf/report/tables.h"

namespace drf::report {
namespace {

constexpr const char* kHead = "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">";

constexpr const char* kTraining = R"(<section id="training"><h2>Training</h2>
<noscript><p>The curves need this page's script.</p></noscript>
<div class="controls" hidden><label>Smoothing <input type="range" id="smooth" min="0" value="0"></label><output for="smooth" id="window"></output>
<label><input type="checkbox" id="raw" checked> each update</label>
<label><input type="checkbox" id="band" checked> 95 % interval</label>
<button type="button" id="whole">Whole run</button></div>
<p class="hint">The line is the mean over the updates around each point; the band is the 95 % interval of that mean, as if updates were
independent; on logarithmic axes both are of the logarithms. Drag to look closer; with a chart in focus, arrow keys move along it, + and - look closer and farther, Escape shows all.</p>
)";

constexpr std::string_view kSection = "<section id=\"";  // how each part begins; no text from outside can

std::string title_of(const std::vector<RunFolder>& runs) {
  if (runs.size() == 1) return runs[0].evaluation.text("title").value_or("drf: " + runs[0].name);
  return concat("drf: ", runs.size(), " runs");
}

void write_head(std::ostream& page, const std::vector<RunFolder>& runs, const std::optional<Stamps>& live) {
  const std::string title = escape_html(title_of(runs));
  page << kPageBegin << "><html lang=\"en\"><head><meta charset=\"utf-8\">"
       << "<meta http-equiv=\"Content-Security-Policy\" content=\"" << page_policy(live.has_value()) << "\">"
       << kHead;
  if (live) page << "<link rel=\"icon\" href=\"data:,\">";  // or browsers ask for one
  page << "<title>" << title << "</title><style>" << kUplotStyle << kPageStyle
       << "</style></head><body><header><h1>" << title << "</h1>";
  if (live)
    page << "<p id=\"live\" data-stamp=\"" << escape_html(live->all) << "\" data-clips=\""
         << escape_html(live->clips) << "\">While it trains: this page follows the run.</p>";
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
  page << kTraining << "<div id=\"alarms\">";
  write_alarms(page, runs);
  page << "</div><div id=\"charts\"></div></section>";
}

}  // namespace

std::string page_of(const std::vector<RunFolder>& runs, const std::optional<Stamps>& live) {
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
  write_head(page, runs, live);
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
  if (live) scripts << "<script>" << kLiveScript << "</script>\n";
  const std::string begin = page.str(), end = scripts.str() + "</body></html>\n";
  const std::string size = bytes_in_words(begin.size() + end.size() + 100);
  return concat(begin, "<footer>", live ? "From the run's folder on this machine, " : "One file, ", size,
                live ? "" : ", that loads nothing", ". Curves by uPlot (MIT).</footer>", end);
}

std::string live_parts(const RunFolder& run, const Stamps& stamps) {
  const std::vector<RunFolder> runs = {run};
  std::ostringstream alarms, cost;
  write_alarms(alarms, runs);
  write_cost(cost, runs);
  const nlohmann::ordered_json parts = {{"stamp", stamps.all},
                                        {"clips", stamps.clips},
                                        {"data", curves_of(runs)},
                                        {"alarms", alarms.str()},
                                        {"cost", cost.str()}};
  return parts.dump(-1, ' ', /*ensure_ascii=*/true, nlohmann::json::error_handler_t::replace);
}

// What the page may load and where it may send anything: nowhere, but for its own server while a run trains.
// Style, scripts and pictures are inline.
std::string page_policy(bool live) {
  return concat("default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; ",
                live ? "connect-src 'self'; " : "", "base-uri 'none'; form-action 'none'");
}

}  // namespace drf::report
