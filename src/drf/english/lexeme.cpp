#include "drf/english/lexeme.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <vector>

#include "drf/english/hash.h"
#include "drf/english/model.h"
#include "drf/text/unicode.h"

namespace drf::english {
namespace {

constexpr size_t kLongWord = 100;  // characters, from which on a word has no shape of its own
constexpr size_t kLongestRun = 4;  // characters of one kind that a shape shows

bool within(const Ranges& ranges, uint32_t c) {
  const auto above = std::upper_bound(ranges.begin(), ranges.end(), std::pair(c, UINT32_MAX));
  return above != ranges.begin() && c <= std::prev(above)->second;
}

// Python's str.lower, which makes a capital sigma at a word's end another letter than text::lower_case does.
std::string lower(std::string_view word) {
  constexpr char32_t kSigma = 0x3a3, kFinalSigma = 0x3c2;
  if (word.find("\xce\xa3") == std::string_view::npos) return text::lower_case(word);
  std::vector<char32_t> characters;
  for (size_t i = 0; i < word.size();) characters.push_back(text::next_code_point(word, i));
  const auto is_ignored = [](char32_t c) { return within(model().ignored, c); };
  const auto is_cased = [](char32_t c) { return within(model().cased, c); };
  std::string out;
  for (auto at = characters.begin(); at != characters.end(); ++at) {
    std::string letter;
    text::append_utf8(letter, *at);
    const auto before = std::find_if_not(std::reverse_iterator(at), characters.rend(), is_ignored);
    if (*at == kSigma && before != characters.rend() && is_cased(*before)) {
      const auto behind = std::find_if_not(at + 1, characters.end(), is_ignored);
      if (behind == characters.end() || !is_cased(*behind)) {
        text::append_utf8(out, kFinalSigma);
        continue;
      }
    }
    out += text::lower_case(letter);
  }
  return out;
}

uint64_t norm_id(std::string_view word) {
  const auto& norms = model().norms;
  const auto found = norms.find(string_id(word));
  return found != norms.end() ? found->second : string_id(lower(word));
}

// "Xxxx", "dd-xx": the kinds of the characters, runs cut at four.
std::string shape(std::string_view word) {
  std::string out;
  size_t run = 0, count = 0;
  char32_t last = UINT32_MAX;
  for (size_t i = 0; i < word.size(); ++count) {
    if (count + 1 >= kLongWord) return "LONG";
    char32_t kind = text::next_code_point(word, i);
    if (within(model().alpha, kind)) {
      kind = within(model().upper, kind) ? U'X' : U'x';
    } else if (within(model().digit, kind)) {
      kind = U'd';
    }
    run = kind == last ? run + 1 : 0;
    last = kind;
    if (run < kLongestRun) text::append_utf8(out, kind);
  }
  return out;
}

std::string_view first_character(std::string_view word) {
  size_t end = 0;
  if (!word.empty()) text::next_code_point(word, end);
  return word.substr(0, end);
}

std::string_view last_characters(std::string_view word, int count) {
  size_t begin = word.size();
  for (; count > 0 && begin > 0; --count) begin = text::previous_boundary(word, begin);
  return word.substr(begin);
}

}  // namespace

uint64_t string_id(std::string_view text) {
  if (text.empty()) return 0;
  const auto& symbols = model().symbols;
  const auto found = symbols.find(std::string(text));
  return found != symbols.end() ? found->second : string_hash(text);
}

bool is_blank(std::string_view word) {
  for (size_t i = 0; i < word.size();)
    if (!text::is_python_space(text::next_code_point(word, i))) return false;
  return !word.empty();
}

std::array<uint64_t, 6> features(std::string_view word, std::string_view norm, bool spaced) {
  return {norm.empty() ? norm_id(word) : string_id(norm),
          string_id(first_character(word)),
          string_id(last_characters(word, 3)),
          string_id(shape(word)),
          spaced ? 1U : 0U,
          is_blank(word) ? 1U : 0U};
}

}  // namespace drf::english
