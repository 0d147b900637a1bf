#include "drf/report/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/report/player.h"
#include "drf/report/plot.h"
#include "drf/report/side_files.h"

namespace drf::report {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr uint64_t kMaxClipBytes = 256 << 20;  // of all clips of a page (docs/security.md)

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

std::string cell(std::optional<double> value, const char* format) {
  char text[64] = "-";
  if (value && std::isfinite(*value)) std::snprintf(text, sizeof text, format, *value);
  return text;
}

void write_table(std::ostream& out, const Evaluation& evaluation) {
  if (!evaluation.has("rows")) return;
  // What was not trained, to compare with: the first row names the columns.
  std::vector<std::string> beside;
  evaluation.for_each("rows", [&](const json& row, const std::string& where) {
    if (where != "rows[0]" || !row.contains("beside")) return;
    if (!row["beside"].is_object()) evaluation.reject(where + ".beside", "is not an object");
    for (const auto& [name, value] : row["beside"].items()) beside.push_back(name);
  });
  out << "<table><tr><th></th><th>base</th><th>after</th><th>change</th>";
  for (const std::string& name : beside) out << "<th>" << escape_html(name) << "</th>";
  out << "</tr>";
  evaluation.for_each("rows", [&](const json& row, const std::string& where) {
    const auto base = evaluation.number(row, "base", where), after = evaluation.number(row, "after", where);
    const auto change = base && after ? std::optional(*after - *base) : std::nullopt;
    out << "<tr><td>" << escape_html(evaluation.text(row, "name", where)) << "</td><td>" << cell(base, "%.3f")
        << "</td><td>" << cell(after, "%.3f") << "</td><td class=\""
        << (!change || *change >= 0 ? "up" : "down") << "\">" << cell(change, "%+.3f") << "</td>";
    const json others = row.value("beside", json::object());
    for (const std::string& name : beside)
      out << "<td>" << cell(evaluation.number(others, name.c_str(), where + ".beside"), "%.3f") << "</td>";
    out << "</tr>";
  });
  out << "</table>";
}

/// The bytes of a file inside the run folder that evaluation.json names; `room` is what is left of the page.
std::string read_named(const fs::path& run, const Evaluation& evaluation, const json& clip, const char* key,
                       const std::string& where, uint64_t& room) {
  const fs::path name = evaluation.text(clip, key, where);
  // The page is made to be mailed: it takes nothing from beyond the run.
  if (name.is_absolute() || std::find(name.begin(), name.end(), "..") != name.end())
    evaluation.reject(where + "." + key, "leads out of the run folder");
  std::string bytes = read_file(run / name, room);
  room -= bytes.size();
  return bytes;
}

void write_clips(std::ostream& out, const fs::path& run, const Evaluation& evaluation) {
  if (!evaluation.has("clips")) return;
  out << "<h2>Clips: before (left) and after (right), same noise</h2>";
  Film longest{0, 0};
  std::ostringstream clips;
  uint64_t room = kMaxClipBytes;
  evaluation.for_each("clips", [&](const json& clip, const std::string& where) {
    const std::string caption =
        "<figcaption>" + escape_html(evaluation.text(clip, "prompt", where)) + "</figcaption></figure>";
    if (clip.contains("strip")) {
      const double frames = evaluation.number(clip, "frames", where).value_or(0);
      const Film film{frames >= 1 && frames <= 1e6 ? static_cast<int64_t>(frames) : 0,
                      evaluation.number(clip, "fps", where).value_or(0)};
      const std::string png = read_named(run, evaluation, clip, "strip", where, room);
      int64_t width = 0, height = 0;
      if (film.frames < 1 || !(film.fps > 0) || !png_size(png, width, height) || width % film.frames != 0) {
        fail(ErrorKind::kInput, run / "evaluation.json", ": ", evaluation.text(clip, "strip", where),
             " is no PNG of ", frames, " frames at ", film.fps, " a second");
      }
      clips << "<figure>" << player_clip(png, width / film.frames, height, film) << caption;
      if (film.frames > longest.frames) longest = film;
      return;
    }
    const std::string bytes = read_named(run, evaluation, clip, "file", where, room);
    const bool gif = fs::path(evaluation.text(clip, "file", where)).extension() == ".gif";
    clips << "<figure><img alt=\"before and after\" src=\"data:" << (gif ? "image/gif" : "image/png")
          << ";base64," << base64(bytes) << "\">" << caption;
  });
  if (longest.frames > 0) out << player_controls(longest);
  out << "<div class=\"clips\">" << clips.str() << "</div>";
  if (longest.frames > 0) out << player_script();
}

}  // namespace

fs::path write_report(const fs::path& run) {
  if (!is_there(run / "config.toml"))
    fail(ErrorKind::kInput, run, ": not a run directory: it has no config.toml");
  std::ostringstream page;
  page << "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>drf report</title><style>"
       << kStyle << "</style><body>";

  const Evaluation evaluation(run / "evaluation.json");
  page << "<h1>"
       << escape_html(evaluation.text("title").value_or("drf: " + fs::absolute(run).filename().string()))
       << "</h1>";
  if (const auto note = evaluation.text("note")) page << "<p>" << escape_html(*note) << "</p>";
  write_table(page, evaluation);
  write_clips(page, run, evaluation);

  const Metrics metrics(run / "metrics.jsonl");
  if (!metrics.empty()) {
    page << "<h2>Training</h2><div class=\"plots\">"
         << line_plot("reward", "update", {metrics.series("reward", "reward")});
    const std::pair<const char*, const char*> groups[] = {
        {"reward by aspect", "reward_"},
        {"rewards by name, before their weights", "reward/"},
        {"on held-out prompts", "held_out_reward"},
        {"probability of the right answer", "p_right"},
        {"pairs that a surrogate ranks as its teacher", "rank_accuracy/"}};
    for (const auto& [title, prefix] : groups) {
      const std::vector<Series> curves = metrics.all(prefix);
      if (!curves.empty()) page << line_plot(title, "update", curves);
    }
    page << line_plot("gradient norm", "update", {metrics.series("grad_norm", "norm")})
         << line_plot("saturated pixels", "update", {metrics.series("saturation", "share")})
         << line_plot("seconds an update", "update", {metrics.series("seconds", "s")}) << "</div>";
  }
  page << "<h2>Configuration</h2><pre>" << escape_html(read_text_file(run / "config.toml", 1 << 20))
       << "</pre></body></html>\n";
  write_file_atomically(run / "report.html", page.str());
  return run / "report.html";
}

}  // namespace drf::report
