#include "drf/report/html.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "drf/base/error.h"

namespace drf::report {

std::string escape_html(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string for_script(const nlohmann::ordered_json& value) {
  std::string text;
  for (const char c : value.dump(-1, ' ', /*ensure_ascii=*/true)) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

std::string cell(std::optional<double> value, const char* format) {
  char text[400] = "-";  // %.3f of the largest double has 313 characters
  if (value && std::isfinite(*value)) std::snprintf(text, sizeof text, format, *value);
  return text;
}

std::string change_cells(std::optional<double> before, std::optional<double> after) {
  auto change = before && after ? std::optional(*after - *before) : std::nullopt;
  if (change && std::abs(*change) < 0.0005) change = 0.0;  // not "-0.000" in red
  const char* kind = !change || *change == 0 ? "" : *change > 0 ? " class=\"up\"" : " class=\"down\"";
  return concat("<td>", cell(before, "%.3f"), "</td><td>", cell(after, "%.3f"), "</td><td", kind, ">",
                cell(change, "%+.3f"), "</td>");
}

std::string bytes_in_words(size_t bytes) {
  const double value = static_cast<double>(bytes);
  return value < 1e6 ? cell(std::ceil(value / 1e3), "%.0f KB") : cell(value / 1e6, "%.1f MB");
}

}  // namespace drf::report
