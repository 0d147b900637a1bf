#pragma once
// A regular expression that a file brings along, run by PCRE2 within limits: one that backtracks without end
// is an error of the file, not a program that hangs.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace drf {

class Pattern {
 public:
  /// UTF-8, classes by Unicode. Throws Error(kInput) naming `where` if it does not compile or is longer than
  /// 100,000 bytes. `shown` stands for it in messages where it is a translation of what the file has.
  Pattern(const std::string& expression, const std::string& where, const std::string& shown = "");

  /// Begin and end of the first match at or after byte `from` of well-formed UTF-8. Throws Error(kInput)
  /// naming `where` if that takes too many steps.
  std::optional<std::pair<size_t, size_t>> find(std::string_view text, size_t from) const;
  /// Whether all of `text` matches. Throws as find().
  bool matches_whole(std::string_view text) const;

 private:
  std::optional<std::pair<size_t, size_t>> match(std::string_view text, size_t from, uint32_t options) const;
  std::shared_ptr<const void> code_;
  std::string where_, shown_;
};

}  // namespace drf
