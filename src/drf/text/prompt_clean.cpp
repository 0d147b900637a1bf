#include "drf/text/prompt_clean.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "drf/text/html_entities.h"
#include "drf/text/unicode.h"

namespace drf::text {
namespace {

constexpr size_t kLongestName = 32;  // code points that can follow "&" in a named reference

bool is_digit(char c) { return c >= '0' && c <= '9'; }
int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// References by name, with the semicolon where one is needed.
const std::unordered_map<std::string, std::string>& named_references() {
  static const auto kTable = [] {
    std::unordered_map<std::string, std::string> table;
    std::string_view rest = kHtmlEntities;
    while (!rest.empty()) {
      const size_t end = rest.find(' '), equals = rest.find('=');
      std::string_view name = rest.substr(0, equals);
      const bool bare = name.front() == '*';
      if (bare) name.remove_prefix(1);
      std::string text;
      uint32_t code_point = 0;
      for (size_t i = equals + 1; i <= end; ++i) {
        if (const int digit = hex_value(rest[i]); digit >= 0) {
          code_point = code_point * 16 + static_cast<uint32_t>(digit);
        } else {  // '+' or the space at the end
          append_utf8(text, code_point);
          code_point = 0;
        }
      }
      if (bare) table[std::string(name)] = text;
      table[std::string(name) + ';'] = text;
      rest.remove_prefix(end + 1);
    }
    return table;
  }();
  return kTable;
}

// Numbers 0x80 to 0x9F mean what windows-1252 has there; 0 stands for a byte it leaves undefined.
constexpr uint16_t kWindows1252[32] = {0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                       0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                       0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                       0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

void append_number(std::string& out, uint32_t number) {
  if (number >= 0x80 && number <= 0x9F) {
    const uint32_t mapped = kWindows1252[number - 0x80];
    return append_utf8(out, mapped != 0 ? mapped : number);
  }
  if (number == 0 || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF))
    return append_utf8(out, 0xFFFD);
  const bool control =
      number < 0x20 && !(number == '\t' || number == '\n' || number == '\f' || number == '\r');
  const bool no_character = (number >= 0xFDD0 && number <= 0xFDEF) || (number & 0xFFFE) == 0xFFFE;
  if (control || number == 0x7F || no_character) return;
  append_utf8(out, number);
}

// "#123;" or "#x7b;" at `text`; returns its length, 0 if it is none.
size_t numeric_reference(std::string_view text, std::string& out) {
  const bool hex = text.size() > 1 && (text[1] == 'x' || text[1] == 'X');
  const size_t begin = hex ? 2 : 1;
  size_t i = begin;
  uint32_t number = 0;
  for (; i < text.size() && (hex ? hex_value(text[i]) >= 0 : is_digit(text[i])); ++i) {
    number =
        std::min<uint32_t>(number * (hex ? 16 : 10) + static_cast<uint32_t>(hex_value(text[i])), 0x110000);
  }
  if (i == begin) return 0;
  append_number(out, number);
  return i < text.size() && text[i] == ';' ? i + 1 : i;
}

// A name at `text`; returns how much of it is consumed, 0 if nothing is known by that name or its beginnings.
size_t named_reference(std::string_view text, std::string& out) {
  size_t boundaries[kLongestName + 2];  // ends of the candidate's first 1, 2, ... characters
  size_t count = 0, i = 0;
  while (i < text.size() && count < kLongestName &&
         std::string_view("\t\n\f <&#;").find(text[i]) == std::string_view::npos) {
    next_code_point(text, i);
    boundaries[count++] = i;
  }
  if (count == 0) return 0;
  if (i < text.size() && text[i] == ';') boundaries[count++] = i + 1;
  for (size_t n = count; n-- > 0;) {
    // A beginning of one character is no reference unless it is the whole.
    if (n == 0 && count > 1) break;
    const auto found = named_references().find(std::string(text.substr(0, boundaries[n])));
    if (found == named_references().end()) continue;
    out += found->second;
    return boundaries[n];
  }
  return 0;
}

std::string collapse_spaces(std::string_view text) {
  std::string out;
  bool pending = false;
  for (size_t i = 0; i < text.size();) {
    const size_t start = i;
    if (is_white_space(next_code_point(text, i))) {
      pending = true;
      continue;
    }
    if (pending && !out.empty()) out += ' ';
    pending = false;
    out.append(text, start, i - start);
  }
  return out;
}

}  // namespace

std::string html_unescape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '&') {
      const std::string_view after = text.substr(i + 1);
      const size_t used =
          after.substr(0, 1) == "#" ? numeric_reference(after, out) : named_reference(after, out);
      if (used > 0) {
        i += 1 + used;
        continue;
      }
    }
    out += text[i++];
  }
  return out;
}

std::string prompt_clean(std::string_view prompt) {
  require_utf8(prompt, "prompt");
  // str.strip knows four more spaces (U+001C to U+001F) than the pattern that collapses them.
  const std::string text = html_unescape(html_unescape(prompt));
  const std::string one_line = collapse_spaces(strip(text, true, true, is_python_space));
  return strip(one_line, true, true, is_python_space);
}

}  // namespace drf::text
