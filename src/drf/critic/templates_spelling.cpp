#include <sstream>
#include <unordered_set>

#include "drf/critic/templates_spelling.h"
#include "drf/critic/templates_tokens.h"
#include "drf/critic/templates_words.h"

namespace drf::critic {
namespace {

std::unordered_set<std::string> words_of(const std::string& list) {
  std::unordered_set<std::string> words;
  std::istringstream in(list);
  for (std::string word; in >> word;) words.insert(word);
  return words;
}

const std::unordered_set<std::string>& known_words() {
  static const auto all = [] {
    std::unordered_set<std::string> words = list_words();
    words.merge(words_of(kOtherWords));
    return words;
  }();
  return all;
}

}  // namespace

bool is_known(const std::string& word) { return known_words().count(word) > 0; }
bool only_spelled(const std::string& word) {
  return is_known(word) && !find_noun(word) && !find_verb(word) && !is_adjective(word) &&
         !is_a("adverb", word) && !find_number(word) && !is_a("unit", word) && !function_word(word);
}

const std::string& meant(const std::string& word) {
  static const std::string none;
  if (word.size() < 3 || is_known(word)) return none;
  const auto& known = known_words();
  if (word.size() == 3) {  // "teh": two letters exchanged in a small word
    for (const size_t i : {0, 1}) {
      std::string other = word;
      std::swap(other[i], other[i + 1]);
      if (const auto it = known.find(other); it != known.end() && is_a("determiner", other)) return *it;
    }
    return none;
  }
  const auto look = [&](const std::string& other) -> const std::string* {
    const auto it = known.find(other);
    return it == known.end() || it->size() < 3 ? nullptr : &*it;
  };
  for (size_t i = 0; i < word.size(); ++i) {
    if (i + 1 < word.size()) {
      std::string other = word;
      std::swap(other[i], other[i + 1]);
      if (const auto* found = look(other)) return *found;
    }
    if (const auto* found = look(word.substr(0, i) + word.substr(i + 1))) return *found;
  }
  for (size_t i = 0; i <= word.size(); ++i) {
    for (char c = 'a'; c <= 'z'; ++c) {
      if (const auto* found = look(word.substr(0, i) + c + word.substr(i))) return *found;
      if (i == word.size()) continue;
      std::string other = word;
      other[i] = c;
      if (const auto* found = look(other)) return *found;
    }
  }
  return none;
}

bool surely_meant(const std::string& word, const std::string& other) {
  if (word.size() < 6 || other.size() < 6 || word[0] != other[0]) return false;
  if (word.size() == other.size()) {
    size_t i = 0;
    while (i < word.size() && word[i] == other[i]) ++i;
    return i + 1 < word.size() && word[i] == other[i + 1] && word[i + 1] == other[i] &&
           word.compare(i + 2, std::string::npos, other, i + 2, std::string::npos) == 0;
  }
  const std::string &longer = word.size() > other.size() ? word : other,
                    &shorter = word.size() > other.size() ? other : word;
  for (size_t i = 1; i < longer.size(); ++i) {
    if (longer[i] == longer[i - 1] && longer.substr(0, i) + longer.substr(i + 1) == shorter) return true;
  }
  return false;
}

}  // namespace drf::critic
