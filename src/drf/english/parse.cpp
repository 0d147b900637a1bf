#include "drf/english/parse.h"

#include "drf/text/unicode.h"

namespace drf::english {

std::vector<Word> parse(const std::string& text) {
  text::require_utf8(text, "a text to parse");
  return {};
}

}  // namespace drf::english
