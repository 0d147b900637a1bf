#pragma once
// A regular expression of tokenizer.json. Those are written for Oniguruma and Unicode 16; PCRE2 runs them
// after a translation of what differs: \s (PCRE2 adds U+180E) and letters and numbers that the installed
// PCRE2's Unicode (14 on Debian 12 and Ubuntu 24.04) does not know yet. Escapes whose meaning differs between
// the engines are refused.

#include <functional>
#include <string>
#include <string_view>

#include "drf/base/pattern.h"

namespace drf::text {

class SplitPattern {
 public:
  /// Throws Error(kInput) naming `where` for a pattern that does not compile or is not supported.
  SplitPattern(const std::string& pattern, const std::string& where);

  /// Calls visit(begin, end) for every non-overlapping match in `text` (well-formed UTF-8), left to right.
  /// An empty match moves on by one character. Throws Error(kInput) for a pattern that takes too long.
  void for_each_match(std::string_view text,
                      const std::function<void(size_t begin, size_t end)>& visit) const;

 private:
  Pattern pattern_;
};

}  // namespace drf::text
