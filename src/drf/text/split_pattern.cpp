#include "drf/text/split_pattern.h"

#include <cstring>
#include <ctime>

#include "drf/base/error.h"
#include "drf/text/unicode.h"

namespace drf::text {
namespace {

constexpr double kMostSeconds = 10;  // of this process's time, for one text

constexpr char kSpaces[] =
    "\\t-\\r \\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}";
// General category L of Unicode 15 and 16, above what \p{L} is in PCRE2 10.42.
constexpr char kNewLetters[] =
    "\\x{1c89}-\\x{1c8a}\\x{a7cb}-\\x{a7cd}\\x{a7da}-\\x{a7dc}\\x{105c0}-\\x{105f3}\\x{10d4a}-\\x{10d65}"
    "\\x{10d6f}-\\x{10d85}\\x{10ec2}-\\x{10ec4}\\x{1123f}-\\x{11240}\\x{11380}-\\x{11389}\\x{1138b}\\x{1138e}"
    "\\x{11390}-\\x{113b5}\\x{113b7}\\x{113d1}\\x{113d3}\\x{11bc0}-\\x{11be0}\\x{11f02}\\x{11f04}-\\x{11f10}"
    "\\x{11f12}-\\x{11f33}\\x{1342f}\\x{13441}-\\x{13446}\\x{13460}-\\x{143fa}\\x{16100}-\\x{1611d}"
    "\\x{16d40}-\\x{16d6c}\\x{18cff}\\x{1b132}\\x{1b155}\\x{1df25}-\\x{1df2a}\\x{1e030}-\\x{1e06d}"
    "\\x{1e4d0}-\\x{1e4eb}\\x{1e5d0}-\\x{1e5ed}\\x{1e5f0}\\x{2b739}\\x{2ebf0}-\\x{2ee5d}\\x{31350}-\\x{"
    "323af}";
constexpr char kNewNumbers[] =
    "\\x{10d40}-\\x{10d49}\\x{116d0}-\\x{116e3}\\x{11bf0}-\\x{11bf9}\\x{11f50}-\\x{11f59}\\x{16130}-\\x{"
    "16139}"
    "\\x{16d70}-\\x{16d79}\\x{1ccf0}-\\x{1ccf9}\\x{1d2c0}-\\x{1d2d3}\\x{1e4f0}-\\x{1e4f9}\\x{1e5f1}-\\x{"
    "1e5fa}";

// The body of a bracket class for an escape such as \s or \p{L}; "" if it needs no translation.
std::string class_body(std::string_view escape) {
  if (escape == "\\s" || escape == "\\S") return kSpaces;
  if (escape == "\\p{L}" || escape == "\\P{L}") return concat("\\p{L}", kNewLetters);
  if (escape == "\\p{N}" || escape == "\\P{N}") return concat("\\p{N}", kNewNumbers);
  return "";
}

std::string translate(const std::string& pattern, const std::string& where) {
  const auto refuse = [&](const std::string& what) {
    fail(ErrorKind::kInput, where, ": the pattern '", pattern, "' uses ", what,
         ", which PCRE2 and the reference engine read differently: not supported");
  };
  std::string out;
  bool in_class = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c != '\\') {
      if (in_class && (c == '[' || pattern.compare(i, 2, "&&") == 0)) refuse("a nested class");
      if (c == '[') in_class = true;
      if (c == ']') in_class = false;
      out += c;
      continue;
    }
    if (i + 1 >= pattern.size()) refuse("a backslash at its end");
    const char kind = pattern[i + 1];
    size_t length = 2;
    if (kind == 'p' || kind == 'P') {
      const size_t close = pattern.find('}', i);
      if (pattern.compare(i + 2, 1, "{") != 0 || close == std::string::npos)
        refuse("a property without braces");
      length = close + 1 - i;
    } else if (std::isalnum(static_cast<unsigned char>(kind)) && std::strchr("rntfsSdD", kind) == nullptr) {
      refuse(concat("\\", kind));
    }
    const std::string escape = pattern.substr(i, length);
    const std::string body = class_body(escape);
    const bool negated = kind == 'S' || kind == 'P';
    if (body.empty()) {
      out += escape;
    } else if (in_class) {
      if (negated) refuse(escape + " inside a class");
      out += body;
    } else {
      out += concat(negated ? "[^" : "[", body, "]");
    }
    i += length - 1;
  }
  return out;
}

}  // namespace

SplitPattern::SplitPattern(const std::string& pattern, const std::string& where)
    : pattern_(translate(pattern, where), where, pattern) {}

void SplitPattern::for_each_match(std::string_view text,
                                  const std::function<void(size_t, size_t)>& visit) const {
  const std::clock_t start = std::clock();
  for (size_t position = 0; position < text.size();) {
    const auto found = pattern_.find(text, position);
    if (!found) return;
    const auto [begin, end] = *found;
    if (end > begin) visit(begin, end);
    // A match may take as long as its limit of steps allows; many of them must not add up.
    if (static_cast<double>(std::clock() - start) > kMostSeconds * CLOCKS_PER_SEC)
      fail(ErrorKind::kInput, "the tokenizer's pattern takes too long on a text of ", text.size(), " bytes");
    if (end > position) {
      position = end;
    } else {
      next_code_point(text, position);
    }
  }
}

}  // namespace drf::text
