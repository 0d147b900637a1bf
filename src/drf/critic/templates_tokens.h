#pragma once
// A caption's words, before anything is known of their grammar.

#include <string>
#include <vector>

namespace drf::critic {

struct Token {
  enum class Kind { kWord, kMark, kQuote } kind;
  std::string text;  ///< words in small letters; quotes as they stand, without their marks
};

/// Words with inner hyphens ("close-up"), "'s" as a word of its own, marks, and quoted text in one piece.
std::vector<Token> tokens_of(std::string text);

/// Determiners, pronouns, auxiliaries, conjunctions, prepositions: what no noun phrase holds inside.
bool function_word(const std::string& word);

/// Enough known words, and no more function words of other languages than of English.
bool is_english(const std::vector<Token>& tokens);

}  // namespace drf::critic
