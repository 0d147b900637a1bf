#include "drf/english/tokenizer.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "drf/base/error.h"
#include "drf/base/pattern.h"
#include "drf/english/model.h"
#include "drf/text/unicode.h"

namespace drf::english {
namespace {

using View = std::string_view;

constexpr size_t kLongestAddress = 2000;

std::optional<std::pair<size_t, size_t>> search(const Pattern& pattern, View text, size_t from) {
  try {
    return pattern.find(text, from);
  } catch (const Error&) {
    return std::nullopt;
  }
}

class Rules {
 public:
  // Bytes that belong to a prefix; 0 where there is none.
  size_t prefix(View chunk) const {
    const auto found = search(prefix_, chunk, 0);
    return found ? found->second - found->first : 0;
  }
  // Likewise at the end. Only the end is looked at: the longest suffix is short, but for a run of full stops.
  size_t suffix(View chunk) const {
    size_t from = chunk.size();
    for (size_t i = 0; i < model().suffix_width && from > 0; ++i) from = text::previous_boundary(chunk, from);
    const size_t before_stops = chunk.find_last_not_of('.');
    from = std::min(from, before_stops == View::npos ? 0 : before_stops + 1);
    const auto found = search(suffix_, chunk, from);
    return found ? found->second - found->first : 0;
  }
  bool is_address(View chunk) const {
    return chunk.size() <= kLongestAddress && search(url_, chunk, 0).has_value();
  }
  std::optional<std::pair<size_t, size_t>> infix(View chunk, size_t from) const {
    return search(infix_, chunk, from);
  }

 private:
  Pattern prefix_{model().prefix, "english.bin, prefix"}, suffix_{model().suffix, "english.bin, suffix"},
      infix_{model().infix, "english.bin, infix"}, url_{model().url, "english.bin, url"};
};

const Rules& rules() {
  static const Rules held;
  return held;
}

// The words of one text, appended chunk by chunk.
class Cutter {
 public:
  explicit Cutter(View text) : text_(text) {}

  std::vector<Token> cut() {
    // Chunks are runs of blanks and runs of others; a single blank behind a word is no chunk.
    size_t begin = 0;
    std::optional<bool> blank;
    for (size_t i = 0, next = 0; i < text_.size(); i = next) {
      const char32_t c = text::next_code_point(text_, next);
      const bool is_blank = text::is_python_space(c);
      if (blank && *blank != is_blank) {
        if (begin < i) chunk(begin, i);
        begin = i;
        if (c == U' ') {
          tokens_.back().spaced = true;
          begin = next;
        }
      }
      blank = is_blank;
    }
    if (begin < text_.size()) chunk(begin, text_.size());
    return std::move(tokens_);
  }

 private:
  View view(size_t begin, size_t end) const { return text_.substr(begin, end - begin); }
  void add(size_t begin, size_t end) { tokens_.push_back({begin, end - begin}); }

  bool add_special(size_t begin, size_t end) {
    const auto special = special_cases().find(view(begin, end), begin);
    tokens_.insert(tokens_.end(), special.begin(), special.end());
    return !special.empty();
  }

  void chunk(size_t begin, size_t end) {
    if (add_special(begin, end)) return;
    std::vector<size_t> suffixes;  // where they begin, the last one first
    const size_t chunk_end = end;
    strip(begin, end, suffixes);
    middle(begin, end);
    for (size_t i = suffixes.size(); i-- > 0;) add(suffixes[i], i == 0 ? chunk_end : suffixes[i - 1]);
  }

  // Takes prefixes, which become words at once, and suffixes off.
  void strip(size_t& begin, size_t& end, std::vector<size_t>& suffixes) {
    while (begin < end && !special_cases().has(view(begin, end))) {
      const size_t before = rules().prefix(view(begin, end));
      if (before > 0) {
        add(begin, begin + before);
        begin += before;
        if (begin < end && special_cases().has(view(begin, end))) return;
      }
      // spaCy looks for an exception in front of the suffix with the prefix still there.
      const size_t behind = rules().suffix(view(begin, end));
      if (behind > 0) {
        const size_t with_prefix = begin - before, cut = end - behind;
        if (with_prefix < cut && special_cases().has(view(with_prefix, cut))) {
          if (before > 0) tokens_.pop_back();
          begin = with_prefix;
          end = cut;
          suffixes.push_back(cut);
          return;
        }
        end = cut;
        suffixes.push_back(cut);
      }
      if (before == 0 && behind == 0) return;
    }
  }

  void middle(size_t begin, size_t end) {
    if (begin == end || add_special(begin, end)) return;
    const View word = view(begin, end);
    if (rules().is_address(word)) return add(begin, end);
    size_t start = 0;
    for (auto found = rules().infix(word, 0); found; found = rules().infix(word, found->second)) {
      DRF_CHECK(found->first < found->second, "an infix is never empty");
      if (found->first == 0) continue;
      if (found->first > start) add(begin + start, begin + found->first);
      add(begin + found->first, begin + found->second);
      start = found->second;
    }
    if (start < word.size()) add(begin + start, end);
  }

  View text_;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(const std::string& text) {
  return special_cases().joined(text, Cutter(text).cut());
}

}  // namespace drf::english
