#include "drf/report/clips.h"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "drf/base/error.h"
#include "drf/base/files.h"
#include "drf/report/html.h"
#include "drf/report/player.h"

namespace drf::report {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr uint64_t kMaxClipBytes = 256 << 20;  // of all clips of a page (docs/security.md)
constexpr size_t kMostLooks = 64;              // of a clip; the same

constexpr const char* kLooks =
    "<p class=\"hint\">Where the critic looked: how much the reward moves with each pixel by its answer to "
    "one "
    "question, |dR/dpixel| summed over colors and cells, on the clip as it is. Bright is much (the square "
    "root of "
    "the share of the largest cell before and after). In brackets its sum over the clip, before to after: 0 "
    "where the "
    "answer cannot become better for the reward.</p>";

/// The bytes of a file inside the run folder that evaluation.json names; `room` is what is left of the page.
std::string read_named(const RunFolder& run, const json& clip, const char* key, const std::string& where,
                       uint64_t& room) {
  const fs::path name = run.evaluation.text(clip, key, where);
  if (leads_out(run.path, name)) run.evaluation.reject(where + "." + key, "leads out of the run folder");
  std::string bytes = read_file(run.path / name, room);
  room -= bytes.size();
  return bytes;
}

/// Where the critic looked, for each question that evaluation.json names. `width` of one frame is `gap`
/// columns and two clips.
std::vector<Look> looks_of(const RunFolder& run, const json& clip, const std::string& where, uint64_t& room,
                           const Film& film, int64_t width, int64_t& gap) {
  std::vector<Look> looks;
  const Evaluation& evaluation = run.evaluation;
  if (!clip.contains("looks")) return looks;
  if (!clip["looks"].is_array()) evaluation.reject(where + ".looks", "is not a list");
  const double between = evaluation.number(clip, "gap", where).value_or(-1);
  if (!(between >= 0 && between < static_cast<double>(width)) ||
      std::fmod(static_cast<double>(width) - between, 2) != 0)
    evaluation.reject(where + ".gap", concat("leaves no two clips in ", width, " columns"));
  gap = static_cast<int64_t>(between);
  for (size_t i = 0; i < std::min(clip["looks"].size(), kMostLooks); ++i) {
    const json& look = clip["looks"][i];
    const std::string place = concat(where, ".looks[", i, "]");
    if (!look.is_object()) evaluation.reject(place, "is not an object");
    const std::string png = read_named(run, look, "file", place, room);
    int64_t across = 0, down = 0;
    if (!png_size(png, across, down) || across % (2 * film.frames) != 0)
      fail(ErrorKind::kInput, run.path / "evaluation.json", ": ", evaluation.text(look, "file", place),
           " is no PNG of ", film.frames, " frames of two clips");
    looks.push_back(
        {concat(evaluation.text(look, "aspect", place), ": ", evaluation.text(look, "text", place), " (",
                cell(evaluation.number(look, "before", place), "%.3g"), " to ",
                cell(evaluation.number(look, "after", place), "%.3g"), ")"),
         png});
  }
  return looks;
}

/// The element that shows a clip; `longest` grows with it.
std::string shown(const RunFolder& run, const json& clip, const std::string& where, uint64_t& room,
                  Film& longest) {
  const Evaluation& evaluation = run.evaluation;
  if (clip.contains("strip")) {
    const double frames = evaluation.number(clip, "frames", where).value_or(0);
    const Film film{frames >= 1 && frames <= 1e6 ? static_cast<int64_t>(frames) : 0,
                    evaluation.number(clip, "fps", where).value_or(0)};
    const std::string png = read_named(run, clip, "strip", where, room);
    int64_t width = 0, height = 0;
    if (film.frames < 1 || !(film.fps > 0) || !png_size(png, width, height) || width % film.frames != 0) {
      fail(ErrorKind::kInput, run.path / "evaluation.json", ": ", evaluation.text(clip, "strip", where),
           " is no PNG of ", frames, " frames at ", film.fps, " a second");
    }
    if (film.frames > longest.frames) longest = film;
    int64_t gap = 0;
    const std::vector<Look> looks = looks_of(run, clip, where, room, film, width / film.frames, gap);
    return player_clip(png, width / film.frames, height, film, looks, gap);
  }
  const std::string bytes = read_named(run, clip, "file", where, room);
  const bool gif = bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a");
  if (!gif && !bytes.starts_with("\x89PNG\r\n\x1a\n"))
    fail(ErrorKind::kInput, run.path / "evaluation.json", ": ", evaluation.text(clip, "file", where),
         " is neither GIF nor PNG");
  return concat("<img alt=\"before and after\" src=\"data:", gif ? "image/gif" : "image/png", ";base64,",
                base64(bytes), "\">");
}

}  // namespace

void write_clips(std::ostream& out, const std::vector<RunFolder>& runs) {
  Film longest{0, 0};
  uint64_t room = kMaxClipBytes;
  std::vector<std::pair<std::string, std::string>> prompts;  // and the clips of all runs
  for (const RunFolder& run : runs) {
    run.evaluation.for_each("clips", [&](const json& clip, const std::string& where) {
      const std::string prompt = run.evaluation.text(clip, "prompt", where);
      std::string figure = "<figure>" + shown(run, clip, where, room, longest);
      if (runs.size() > 1) figure += "<figcaption>" + escape_html(run.name) + "</figcaption>";
      figure += "</figure>";
      // Clips of one run stand alone, be it with a prompt that was there before.
      auto place = prompts.end();
      if (&run != &runs.front())
        place =
            std::find_if(prompts.begin(), prompts.end(), [&](const auto& p) { return p.first == prompt; });
      if (place == prompts.end())
        prompts.emplace_back(prompt, figure);
      else
        place->second += figure;
    });
  }
  if (prompts.empty()) return;
  out << "<section id=\"clips\"><h2>Clips: before (left) and after (right), same noise</h2>";
  if (longest.frames > 0) out << player_controls(longest);
  const bool looks = std::any_of(prompts.begin(), prompts.end(), [](const auto& prompt) {
    return prompt.second.find("<img class=\"look\"") != std::string::npos;
  });
  if (looks) out << kLooks;
  out << "<div class=\"clips" << (runs.size() > 1 ? " several" : "") << "\">";
  for (const auto& [prompt, figures] : prompts)
    out << "<div class=\"clip\"><div class=\"pair\">" << figures << "</div><p class=\"prompt\" dir=\"auto\">"
        << escape_html(prompt) << "</p></div>";
  out << "</div></section>";
}

}  // namespace drf::report
