#pragma once
// The tokenizer's exceptions: chunks between blanks that are cut as a list says ("don't": "do", "n't"), and
// whose words have norms of their own ("not").

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace drf::english {

/// A word of a text, before anything is known of it.
struct Token {
  size_t at = 0, length = 0;   ///< bytes
  bool spaced = false;         ///< one blank follows, which is no word of its own
  std::string_view norm = {};  ///< where an exception gives one; lives as long as the program
};

class SpecialCases {
 public:
  SpecialCases();

  /// The words of `chunk` as an exception has them, at `at`; none where it is no exception.
  std::vector<Token> find(std::string_view chunk, size_t at) const;
  bool has(std::string_view chunk) const { return entry(chunk) != nullptr; }

  /// Exceptions that the rules cut, and that are found by their pieces side by side: "(:" of "((:". The
  /// longest first, and of those the first; none is within another.
  std::vector<Token> joined(std::string_view text, const std::vector<Token>& tokens) const;

 private:
  struct Piece {
    std::string_view word, norm;
  };
  using Pieces = std::vector<Piece>;
  using Phrase = std::vector<std::string_view>;

  const Pieces* entry(std::string_view chunk) const;

  size_t longest_ = 0;
  std::unordered_map<std::string_view, Pieces> entries_;
  std::unordered_map<std::string_view, std::vector<Phrase>> phrases_;  // by their first word
};

const SpecialCases& special_cases();

}  // namespace drf::english
