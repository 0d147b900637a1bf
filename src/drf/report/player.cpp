#include "drf/report/player.h"

#include "drf/base/error.h"
#include "drf/report/html.h"

namespace drf::report {

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

bool png_size(const std::string& bytes, int64_t& width, int64_t& height) {
  static const std::string begin("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
  if (bytes.size() < 24 || bytes.compare(0, begin.size(), begin) != 0) return false;
  const auto word = [&](size_t at) {
    int64_t value = 0;
    for (size_t i = at; i < at + 4; ++i) value = value << 8 | static_cast<unsigned char>(bytes[i]);
    return value;
  };
  width = word(16);
  height = word(20);
  return width > 0 && height > 0;
}

std::string player_controls(const Film& longest) {
  return concat(
      "<div class=\"player\" role=\"group\" aria-label=\"playback\" data-fps=\"", longest.fps,
      "\" hidden><button type=\"button\" class=\"back\" aria-label=\"one frame back\">&#9664;|</button>"
      "<button type=\"button\" class=\"play\">Play</button>"
      "<button type=\"button\" class=\"on\" aria-label=\"one frame on\">|&#9654;</button>"
      "<input type=\"range\" min=\"0\" max=\"",
      longest.frames - 1,
      "\" value=\"0\" aria-label=\"frame\"><output></output>"
      "<span>space: play, pause; arrows: step</span></div>");
}

std::string player_clip(const std::string& png, int64_t width, int64_t height, const Film& film,
                        const std::vector<Look>& looks, int64_t gap) {
  std::string pictures, list;
  for (const Look& look : looks) {
    pictures +=
        concat("<img class=\"look\" alt=\"\" hidden src=\"data:image/png;base64,", base64(look.png), "\">");
    list += "<option>" + escape_html(look.question) + "</option>";
  }
  if (!looks.empty())
    list = "<label class=\"look\" hidden>Where the critic looked <select><option>(the clips alone)</option>" +
           list + "</select></label>";
  return concat("<div class=\"film\" data-frames=\"", film.frames,
                looks.empty() ? "" : concat("\" data-gap=\"", gap),
                "\"><img alt=\"before and after\" style=\"aspect-ratio:", width, "/", height,
                "\" src=\"data:image/png;base64,", base64(png), "\">", pictures, "</div>", list);
}

}  // namespace drf::report
