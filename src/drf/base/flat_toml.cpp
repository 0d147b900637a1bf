#include "drf/base/flat_toml.h"

#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "drf/base/nesting.h"

namespace drf {
namespace {

using Flat = std::vector<std::pair<std::string, std::string>>;

void flatten(const toml::node& node, const std::string& key, Flat& flat) {
  const auto below = [&](const std::string& name) { return key.empty() ? name : key + "." + name; };
  if (const toml::table* table = node.as_table()) {
    for (const auto& [name, value] : *table) flatten(value, below(std::string(name.str())), flat);
    return;
  }
  if (node.is_array_of_tables()) {
    size_t i = 0;
    for (const toml::node& element : *node.as_array()) flatten(element, below(std::to_string(i++)), flat);
    return;
  }
  std::ostringstream text;
  constexpr auto kFlags =
      toml::toml_formatter::default_flags & ~toml::format_flags::allow_literal_strings;  // "x", not 'x'
  text << toml::toml_formatter(node, kFlags);
  std::string line = text.str();
  std::replace(line.begin(), line.end(), '\n', ' ');
  flat.emplace_back(key, std::move(line));
}

}  // namespace

std::optional<Flat> flat_toml(const std::string& toml) {
  if (toml_nesting(toml) > kMaxNesting) return std::nullopt;
  try {
    Flat flat;
    flatten(toml::parse(toml), "", flat);
    return flat;
  } catch (const toml::parse_error&) {
    return std::nullopt;
  }
}

}  // namespace drf
