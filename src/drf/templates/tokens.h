#pragma once
// A caption's words, before anything is known of their grammar.

#include <set>
#include <string>
#include <vector>

namespace drf::templates {

struct Token {
  enum class Kind { kWord, kMark, kQuote } kind;
  std::string text;  ///< words in small letters; quotes as they stand, without their marks
  std::string raw;   ///< a word as it stands
  /// A word in small letters that is taken for a slip of the pen: `text` is the word that is meant.
  bool slip = false;
};

/// The word at i in small letters; "" for a mark, a quote, and behind the end.
const std::string& word_at(const std::vector<Token>& tokens, size_t i);

/// Whether a sentence, or a part that stands by itself, ends at i: at one of . ; : ! ? ( ) or behind the
/// last.
bool ends_sentence(const std::vector<Token>& tokens, size_t i);

/// Words with inner hyphens ("close-up"), "'s" and "n't" as words of their own, marks, and quoted text in one
/// piece. Known compounds ("frying pan") are one word.
std::vector<Token> tokens_of(std::string text);

/// What a prompt is told to be about: without "please make a video of", "the video shows", "what would it
/// look like if". was_request: whether the rest was a wish or a question, so that the prompt is no
/// description.
std::vector<Token> without_request(std::vector<Token> tokens, bool& was_request);

/// Whether a list has the word.
inline bool one_of(const std::string& word, const std::set<std::string>& words) {
  return words.count(word) > 0;
}

/// Determiners, pronouns, auxiliaries, conjunctions, prepositions: what no noun phrase holds inside.
bool function_word(const std::string& word);

/// Whether the word at i begins an order to do something: "Whisk three eggs".
bool tells_to_do(const std::vector<Token>& tokens, size_t i);

/// Enough known words, and no more function words of other languages than of English.
bool is_english(const std::vector<Token>& tokens);

/// A list of tags, not sentences: short pieces between commas.
bool is_tag_list(const std::vector<Token>& tokens);

}  // namespace drf::templates
