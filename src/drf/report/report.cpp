#include "drf/report/report.h"

#include <nlohmann/json.hpp>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/files.h"
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
figure{margin:0}figure img{width:100%;image-rendering:pixelated;border:1px solid #e5e7eb}
figcaption{font-size:13px;color:#4b5563}pre{background:#f3f4f6;padding:1em;overflow:auto;font-size:13px})";

std::string base64(const std::string& bytes) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](size_t k) { return k < bytes.size() ? static_cast<unsigned char>(bytes[k]) : 0u; };
    const unsigned word = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    out += digits[word >> 18];
    out += digits[word >> 12 & 63];
    out += i + 1 < bytes.size() ? digits[word >> 6 & 63] : '=';
    out += i + 2 < bytes.size() ? digits[word & 63] : '=';
  }
  return out;
}

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
  out << "<h2>Clips: before (left) and after (right), same noise</h2><div class=\"clips\">";
  for (const json& clip : evaluation["clips"]) {
    const fs::path file = run / clip["file"].get<std::string>();
    const std::string type = file.extension() == ".gif" ? "image/gif" : "image/png";
    out << "<figure><img alt=\"before and after\" src=\"data:" << type << ";base64,"
        << base64(read_file(file)) << "\"><figcaption>" << escape_html(clip["prompt"])
        << "</figcaption></figure>";
  }
  out << "</div>";
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
