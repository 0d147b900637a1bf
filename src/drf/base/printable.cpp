#include "drf/base/printable.h"

#include <cstdio>

#include "drf/base/error.h"
#include "drf/base/letters.h"

namespace drf {
namespace {

// What moves the cursor, ends the line or turns the direction of what follows.
bool is_harmful(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x61C || (c >= 0x200E && c <= 0x200F) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

std::string spell(const char* format, unsigned value) {
  char text[16];
  std::snprintf(text, sizeof(text), format, value);
  return text;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const auto letter = letter_at(text, i);
    if (!letter) {
      out += spell("\\x%02x", static_cast<unsigned char>(text[i++]));
      continue;
    }
    const char32_t c = letter->code;
    if (!is_harmful(c)) {
      out += text.substr(i, letter->bytes);
    } else if (c == '\n' || c == '\t' || c == '\r') {
      out += c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\r";
    } else {
      out += spell(c < 0x100 ? "\\x%02x" : "\\u%04x", c);
    }
    i += letter->bytes;
  }
  return out;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::string printable(std::string_view text, size_t most) {
  if (text.size() <= most) return escaped(text);
  // A cut falls between characters, where there are any.
  size_t head = most * 2 / 3, tail = text.size() - (most - head);
  for (int i = 0; i < 3 && head > 0 && is_continuation(text[head]); ++i) --head;
  for (int i = 0; i < 3 && tail < text.size() && is_continuation(text[tail]); ++i) ++tail;
  return concat(escaped(text.substr(0, head)), " [... ", tail - head, " bytes ...] ",
                escaped(text.substr(tail)));
}

}  // namespace drf
