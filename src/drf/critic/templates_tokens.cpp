#include "drf/critic/templates_tokens.h"

#include "drf/critic/templates_words.h"

namespace drf::critic {
namespace {

void replace_all(std::string& text, const std::string& from, const std::string& to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

bool word_byte(char c) {
  const auto b = static_cast<unsigned char>(c);
  return b >= 0x80 || (b >= '0' && b <= '9') || (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z');
}

char small(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool in_lists(const std::string& word) {
  return find_noun(word) || find_attribute(word) || find_verb(word) || global_phrases().count(word);
}

}  // namespace

std::vector<Token> tokens_of(std::string text) {
  for (const char* mark : {"\xE2\x80\x98", "\xE2\x80\x99"}) replace_all(text, mark, "'");
  for (const char* mark : {"\xE2\x80\x9C", "\xE2\x80\x9D"}) replace_all(text, mark, "\"");
  std::vector<Token> tokens;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (word_byte(c)) {
      std::string word;
      while (i < text.size() &&
             (word_byte(text[i]) || (text[i] == '-' && i + 1 < text.size() && word_byte(text[i + 1]))))
        word += small(text[i++]);
      tokens.push_back({Token::Kind::kWord, word});
    } else if (c == '\'' && i + 1 < text.size() && small(text[i + 1]) == 's' &&
               (i + 2 == text.size() || !word_byte(text[i + 2]))) {
      tokens.push_back({Token::Kind::kWord, "'s"});
      i += 2;
    } else if (c == '"' && text.find('"', i + 1) != std::string::npos) {
      const size_t close = text.find('"', i + 1);
      if (close > i + 1) tokens.push_back({Token::Kind::kQuote, text.substr(i + 1, close - i - 1)});
      i = close + 1;
    } else {
      if (c != ' ' && c != '\t' && c != '\n') tokens.push_back({Token::Kind::kMark, std::string(1, c)});
      ++i;
    }
  }
  return tokens;
}

bool function_word(const std::string& word) {
  for (const char* word_class : {"determiner", "pronoun", "auxiliary", "conjunction", "preposition"}) {
    if (is_a(word_class, word)) return true;
  }
  return word == "'s";
}

bool is_english(const std::vector<Token>& tokens) {
  int64_t words = 0, known = 0, function = 0, foreign = 0;
  for (const Token& token : tokens) {
    if (token.kind != Token::Kind::kWord) continue;
    ++words;
    known += function_word(token.text) || in_lists(token.text);
    function += function_word(token.text);
    foreign += is_a("foreign", token.text);
  }
  return words > 0 && 10 * known >= 3 * words && foreign <= function;
}

}  // namespace drf::critic
