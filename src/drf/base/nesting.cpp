#include "drf/base/nesting.h"

#include <algorithm>

namespace drf {

int64_t json_nesting(std::string_view json) {
  int64_t level = 0, deepest = 0;
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '"') {
      for (++i; i < json.size() && json[i] != '"'; ++i) i += json[i] == '\\';
    } else if (c == '[' || c == '{') {
      deepest = std::max(deepest, ++level);
    } else if (c == ']' || c == '}') {
      --level;
    }
  }
  return deepest;
}

namespace {

// Behind the string that begins at `i` (a quote of either kind, or three).
size_t string_end(std::string_view toml, size_t i) {
  const char quote = toml[i];
  const bool escapes = quote == '"';
  const bool three = toml.substr(i, 3) == std::string_view(escapes ? "\"\"\"" : "'''");
  for (i += three ? 3 : 1; i < toml.size(); ++i) {
    if (escapes && toml[i] == '\\') {
      ++i;
    } else if (three && toml.substr(i, 3) == std::string_view(escapes ? "\"\"\"" : "'''")) {
      return i + 3;
    } else if (!three && (toml[i] == quote || toml[i] == '\n')) {
      return i + 1;
    }
  }
  return i;
}

}  // namespace

int64_t toml_nesting(std::string_view toml) {
  int64_t level = 0, dots = 0, deepest = 0;
  for (size_t i = 0; i < toml.size();) {
    const char c = toml[i];
    if (c == '"' || c == '\'') {
      i = string_end(toml, i);
      continue;
    }
    if (c == '#') {
      i = std::min(toml.find('\n', i), toml.size());
      continue;
    }
    if (c == '[' || c == '{') {
      ++level;
      dots = 0;
    } else if (c == ']' || c == '}') {
      level = std::max<int64_t>(0, level - 1);
    } else if (c == '.') {
      ++dots;
    } else if (c == '=' || c == ',' || c == '\n') {
      dots = 0;
    }
    deepest = std::max(deepest, level + dots);
    ++i;
  }
  return deepest;
}

}  // namespace drf
