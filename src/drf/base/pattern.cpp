#define PCRE2_CODE_UNIT_WIDTH 8
#include "drf/base/pattern.h"

#include <pcre2.h>

#include <algorithm>

#include "drf/base/error.h"

namespace drf {
namespace {

constexpr size_t kMostBytes = 100'000;
// Backtracking steps of one match: tokenizers' patterns take a few for each character, and a match is a word.
constexpr uint32_t kMostSteps = 2'000'000;
constexpr uint32_t kMostHeapKiB = 100'000;

pcre2_match_context* limits() {
  static pcre2_match_context* context = [] {
    pcre2_match_context* made = pcre2_match_context_create(nullptr);
    pcre2_set_match_limit(made, kMostSteps);
    pcre2_set_heap_limit(made, kMostHeapKiB);
    return made;
  }();
  return context;
}

}  // namespace

Pattern::Pattern(const std::string& expression, const std::string& where, const std::string& shown)
    : where_(where), shown_(shown.empty() ? expression : shown) {
  if (expression.size() > kMostBytes) {
    fail(ErrorKind::kInput, where_, ": a pattern of ", expression.size(), " bytes, wanted at most ",
         kMostBytes);
  }
  int error = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(expression.data()), expression.size(),
                                   PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr);
  if (code == nullptr) {
    PCRE2_UCHAR message[256] = {};
    pcre2_get_error_message(error, message, sizeof(message));
    fail(ErrorKind::kInput, where_, ": the pattern '", shown_,
         "' does not compile: ", reinterpret_cast<const char*>(message));
  }
  code_ = std::shared_ptr<const void>(code, [code](const void*) { pcre2_code_free(code); });
  // Where there is no JIT the interpreter gives the same matches.
  pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
}

std::optional<std::pair<size_t, size_t>> Pattern::match(std::string_view text, size_t from,
                                                        uint32_t options) const {
  const auto* code = static_cast<const pcre2_code*>(code_.get());
  const std::unique_ptr<pcre2_match_data, decltype(&pcre2_match_data_free)> match(
      pcre2_match_data_create_from_pattern(code, nullptr), &pcre2_match_data_free);
  const int result = pcre2_match(code, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), from,
                                 PCRE2_NO_UTF_CHECK | options, match.get(), limits());
  if (result == PCRE2_ERROR_NOMATCH) return std::nullopt;
  if (result < 0) {
    fail(ErrorKind::kInput, where_, ": the pattern '", shown_, "' takes too many steps on a text of ",
         text.size(), " bytes");
  }
  const PCRE2_SIZE* bounds = pcre2_get_ovector_pointer(match.get());
  // \K in a lookahead can move the beginning behind the end.
  return std::pair(std::min(bounds[0], bounds[1]), bounds[1]);
}

std::optional<std::pair<size_t, size_t>> Pattern::find(std::string_view text, size_t from) const {
  return match(text, from, 0);
}

bool Pattern::matches_whole(std::string_view text) const {
  return match(text, 0, PCRE2_ANCHORED | PCRE2_ENDANCHORED).has_value();
}

}  // namespace drf
