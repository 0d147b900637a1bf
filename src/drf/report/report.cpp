#include "drf/report/report.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/report/player.h"
#include "drf/report/plot.h"

namespace drf::report {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kStyle = R"(
body{font:15px/1.5 system-ui,sans-serif;color:#1f2937;max-width:1180px;margin:2em auto;padding:0 1.2em}
h1{font-size:1.5em;margin-bottom:.2em}h2{font-size:1.1em;margin-top:2em}
table{border-collapse:collapse}td,th{padding:.25em .9em;text-align:right;border-bottom:1px solid #e5e7eb}
td:first-child,th:first-child{text-align:left}.up{color:#047857}.down{color:#b91c1c}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(460px,1fr));gap:1em}
svg{width:100%;background:#fafafa;border:1px solid #e5e7eb}.grid{stroke:#e5e7eb}.tick{font-size:11px;fill:#6b7280}
.title{font-size:13px;font-weight:600}.clips{display:grid;grid-template-columns:repeat(auto-fit,minmax(300px,1fr));gap:1em}
figure{margin:0}figure img,canvas{width:100%;image-rendering:pixelated;border:1px solid #e5e7eb;display:block}
.film img{object-fit:cover;object-position:left}.film img[hidden],.player[hidden]{display:none}
.player{position:sticky;top:0;background:#fff;padding:.5em 0;display:flex;gap:.6em;align-items:center;z-index:1}
.player input{flex:1;max-width:420px}.player output{min-width:8em}.player span{font-size:13px;color:#4b5563}
.player button{font:inherit;min-width:3.6em}
figcaption{font-size:13px;color:#4b5563}pre{background:#f3f4f6;padding:1em;overflow:auto;font-size:13px})";

// The lines of metrics.jsonl that are whole; an interrupted run may leave half a line.
std::vector<json> read_metrics(const fs::path& file) {
  std::vector<json> rows;
  if (!fs::exists(file)) return rows;
  for (const std::string& line : read_utf8_lines(file)) {
    json row = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (row.is_object()) rows.push_back(std::move(row));
  }
  return rows;
}

Series series(const std::vector<json>& rows, const std::string& key, const std::string& name) {
  Series s{name, {}};
  for (const json& row : rows) {
    if (row.contains("update") && row.contains(key) && row[key].is_number()) {
      s.points.emplace_back(row["update"].get<double>(), row[key].get<double>());
    }
  }
  return s;
}

void write_table(std::ostream& out, const json& evaluation) {
  out << "<table><tr><th></th><th>base</th><th>after</th><th>change</th>";
  const json first =
      evaluation["rows"].empty() ? json::object() : evaluation["rows"][0].value("beside", json::object());
  for (const auto& [name, value] : first.items()) out << "<th>" << escape_html(name) << "</th>";
  out << "</tr>";
  for (const json& row : evaluation["rows"]) {
    const double base = row["base"], after = row["after"];
    char text[128];
    std::snprintf(text, sizeof text, "<td>%.3f</td><td>%.3f</td><td class=\"%s\">%+.3f</td>", base, after,
                  after >= base ? "up" : "down", after - base);
    out << "<tr><td>" << escape_html(row["name"]) << "</td>" << text;
    for (const auto& [name, value] : first.items()) {  // what was not trained, to compare with
      std::snprintf(text, sizeof text, "<td>%.3f</td>", row["beside"].value(name, 0.0));
      out << text;
    }
    out << "</tr>";
  }
  out << "</table>";
}

void write_clips(std::ostream& out, const fs::path& run, const json& evaluation) {
  out << "<h2>Clips: before (left) and after (right), same noise</h2>";
  Film longest{0, 0};
  std::ostringstream clips;
  for (const json& clip : evaluation["clips"]) {
    if (clip.contains("strip")) {
      const Film film{clip["frames"].get<int64_t>(), clip["fps"].get<double>()};
      const std::string png = read_file(run / clip["strip"].get<std::string>());
      int64_t width = 0, height = 0;
      if (film.frames < 1 || !(film.fps > 0) || !png_size(png, width, height) || width % film.frames != 0) {
        fail(ErrorKind::kInput, run / "evaluation.json", ": ", clip["strip"].get<std::string>(),
             " is no PNG of ", film.frames, " frames at ", film.fps, " a second");
      }
      clips << "<figure>" << player_clip(png, width / film.frames, height, film) << "<figcaption>"
            << escape_html(clip["prompt"]) << "</figcaption></figure>";
      if (film.frames > longest.frames) longest = film;
      continue;
    }
    const fs::path file = run / clip["file"].get<std::string>();
    const std::string type = file.extension() == ".gif" ? "image/gif" : "image/png";
    clips << "<figure><img alt=\"before and after\" src=\"data:" << type << ";base64,"
          << base64(read_file(file)) << "\"><figcaption>" << escape_html(clip["prompt"])
          << "</figcaption></figure>";
  }
  if (longest.frames > 0) out << player_controls(longest);
  out << "<div class=\"clips\">" << clips.str() << "</div>";
  if (longest.frames > 0) out << player_script();
}

}  // namespace

fs::path write_report(const fs::path& run) {
  if (!fs::exists(run / "config.toml"))
    fail(ErrorKind::kInput, run, ": not a run directory: it has no config.toml");
  std::ostringstream page;
  page << "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>drf report</title><style>"
       << kStyle << "</style><body>";

  const fs::path evaluation_file = run / "evaluation.json";
  const json evaluation =
      fs::exists(evaluation_file) ? json::parse(read_file(evaluation_file), nullptr, false) : json::object();
  page << "<h1>" << escape_html(evaluation.value("title", "drf: " + fs::absolute(run).filename().string()))
       << "</h1>";
  if (evaluation.contains("note")) page << "<p>" << escape_html(evaluation["note"]) << "</p>";
  if (evaluation.contains("rows")) write_table(page, evaluation);
  if (evaluation.contains("clips")) write_clips(page, run, evaluation);

  const std::vector<json> metrics = read_metrics(run / "metrics.jsonl");
  if (!metrics.empty()) {
    page << "<h2>Training</h2><div class=\"plots\">"
         << line_plot("reward", "update", {series(metrics, "reward", "reward")})
         << line_plot("reward by aspect", "update",
                      {series(metrics, "reward_TA", "TA"), series(metrics, "reward_PF", "PF"),
                       series(metrics, "reward_VQ", "VQ")})
         << line_plot("probability of the right answer", "update", {series(metrics, "p_right", "p")})
         << line_plot("gradient norm", "update", {series(metrics, "grad_norm", "norm")})
         << line_plot("saturated pixels", "update", {series(metrics, "saturation", "share")})
         << line_plot("seconds an update", "update", {series(metrics, "seconds", "s")}) << "</div>";
  }
  page << "<h2>Configuration</h2><pre>" << escape_html(read_file(run / "config.toml"))
       << "</pre></body></html>\n";
  write_file_atomically(run / "report.html", page.str());
  return run / "report.html";
}

}  // namespace drf::report
