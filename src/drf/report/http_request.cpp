#include "drf/report/http_request.h"

#include <algorithm>
#include <vector>

#include "drf/base/error.h"

namespace drf::report {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Visible ASCII, and what `also` holds.
bool plain(std::string_view text, std::string_view also = {}) {
  return std::all_of(text.begin(), text.end(), [&](char c) {
    return (c > ' ' && c < '\x7f') || also.find(c) != std::string_view::npos;
  });
}

bool is_this_machine(std::string_view host) {
  const size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    const std::string_view port = host.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string_view::npos)
      return false;
    host = host.substr(0, colon);
  }
  const std::string name = lower(host);
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

}  // namespace

int read_request(std::string_view head, Request& request) {
  std::vector<std::string_view> lines;
  for (size_t at = 0; at < head.size();) {
    const size_t end = head.find("\r\n", at);
    if (end == std::string_view::npos) return 400;
    lines.push_back(head.substr(at, end - at));
    at = end + 2;
  }
  if (lines.size() < 2 || !lines.back().empty()) return 400;
  const std::string_view first = lines.front();
  const size_t space = first.find(' '), last = first.rfind(' ');
  if (space == std::string_view::npos || space == last || !plain(first, " ")) return 400;
  const std::string_view version = first.substr(last + 1);
  request.method = std::string(first.substr(0, space));
  request.target = std::string(first.substr(space + 1, last - space - 1));
  if ((version != "HTTP/1.1" && version != "HTTP/1.0") || request.target.empty() || !plain(request.target))
    return 400;
  int hosts = 0;
  std::string_view host;
  for (size_t i = 1; i + 1 < lines.size(); ++i) {
    const size_t colon = lines[i].find(':');
    // A name without the blanks that some servers read over; values of any bytes but controls.
    if (colon == std::string_view::npos || colon == 0 || !plain(lines[i].substr(0, colon))) return 400;
    const std::string_view value = trimmed(lines[i].substr(colon + 1));
    if (std::any_of(value.begin(), value.end(),
                    [](char c) { return (c >= 0 && c < ' ' && c != '\t') || c == '\x7f'; }))
      return 400;
    if (lower(lines[i].substr(0, colon)) != "host") continue;
    host = value;
    ++hosts;
  }
  if (hosts != 1) return 400;
  if (!is_this_machine(host)) return 403;
  return request.method == "GET" || request.method == "HEAD" ? 200 : 405;
}

std::string status_line(int status) {
  static const std::vector<std::pair<int, const char*>> words = {{200, "OK"},
                                                                 {204, "No Content"},
                                                                 {400, "Bad Request"},
                                                                 {403, "Forbidden"},
                                                                 {404, "Not Found"},
                                                                 {405, "Method Not Allowed"},
                                                                 {431, "Request Header Fields Too Large"},
                                                                 {503, "Service Unavailable"}};
  for (const auto& [number, text] : words)
    if (number == status) return concat(number, " ", text);
  return concat(status, " Error");
}

}  // namespace drf::report
