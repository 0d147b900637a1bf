#include "drf/base/byte_size.h"

#include <charconv>
#include <map>

namespace drf {

std::optional<int64_t> parse_byte_size(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  std::string unit(parsed.ptr, end);
  unit.erase(0, unit.find_first_not_of(' ') == std::string::npos ? 0 : unit.find_first_not_of(' '));
  static const std::map<std::string, double> units = {
      {"", 1},       {"B", 1},        {"K", 0x1p10},   {"KiB", 0x1p10}, {"KB", 1e3},
      {"M", 0x1p20}, {"MiB", 0x1p20}, {"MB", 1e6},     {"G", 0x1p30},   {"GiB", 0x1p30},
      {"GB", 1e9},   {"T", 0x1p40},   {"TiB", 0x1p40}, {"TB", 1e12}};
  const auto found = units.find(unit);
  if (parsed.ec != std::errc() || found == units.end()) return std::nullopt;
  const double bytes = number * found->second;
  if (!(bytes >= 1) || bytes > 0x1p60) return std::nullopt;
  return static_cast<int64_t>(bytes);
}

}  // namespace drf
