#include <sstream>
#include <unordered_set>

#include "drf/templates/lexicon.h"
#include "drf/templates/spelling.h"
#include "drf/templates/tokens.h"
#include "drf/templates/words.h"

namespace drf::templates {
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

// The first word of those that are known which one slip leads to: a letter too many, too few, wrong or
// exchanged.
template <typename Known>
std::string one_slip_away(const std::string& word, const Known& known) {
  if (word.size() == 3) {  // "teh": two letters exchanged in a small word
    for (const size_t i : {0, 1}) {
      std::string other = word;
      std::swap(other[i], other[i + 1]);
      if (is_a("determiner", other)) return other;
    }
    return "";
  }
  const auto look = [&](const std::string& other) { return other.size() > 2 && known(other); };
  for (size_t i = 0; i < word.size(); ++i) {
    if (i + 1 < word.size()) {
      std::string other = word;
      std::swap(other[i], other[i + 1]);
      if (look(other)) return other;
    }
    std::string shorter = word;
    shorter.erase(i, 1);
    if (look(shorter)) return shorter;
  }
  for (size_t i = 0; i <= word.size(); ++i) {
    for (char c = 'a'; c <= 'z'; ++c) {
      std::string longer = word;
      longer.insert(i, 1, c);
      if (look(longer)) return longer;
      if (i == word.size()) continue;
      std::string other = word;
      other[i] = c;
      if (look(other)) return other;
    }
  }
  return "";
}

}  // namespace

// "scarred", "kitted": what is built of a noun whose last letter is doubled is no slip: "scar".
static std::string doubled_stem(const std::string& word) {
  const size_t ending = ends_with(word, "ed") ? 2 : ends_with(word, "ing") ? 3 : 0;
  if (ending == 0 || word.size() < ending + 4) return "";
  const size_t last = word.size() - ending - 1;
  const std::string stem = word.substr(0, last);
  return word[last] == word[last - 1] && (known_words().count(stem) || find_lexicon(stem)) ? stem : "";
}

// A small word that is rare and one slip from a common one is taken for a slip, where it has another reading
// than a thing's.
bool is_known(const std::string& word) {
  if (known_words().count(word)) return true;
  const LexiconWord* known = find_lexicon(word);
  if (!known) return !lexicon_verb(word).empty() || !doubled_stem(word).empty();
  const bool thing = known->concepts.size() > 0 && !known->verb && !known->adjective;
  return word.size() > 4 || known->common || thing;
}
bool is_plain(const std::string& word) {
  if (known_words().count(word)) return true;
  const LexiconWord* known = find_lexicon(word);
  return known && !known->concepts.empty() && !known->verb;
}
bool only_spelled(const std::string& word) {
  return known_words().count(word) && !find_noun(word) && !find_verb(word) && !is_adjective(word) &&
         !is_a("adverb", word) && !find_number(word) && !is_a("unit", word) && !function_word(word);
}

std::string meant(const std::string& word) {
  if (word.size() < 3 || word.size() > 32 || word == "barely" || is_known(word)) return "";
  const std::string of_lists =
      one_slip_away(word, [](const std::string& w) { return known_words().count(w) > 0; });
  if (!of_lists.empty() || word.size() == 3) return of_lists;
  // What is built of a word and an ending may be nobody's slip.
  for (const char* end :
       {"less", "like", "ish", "ful", "able", "ed", "ing", "er", "ers", "ly", "ness", "est", "y"}) {
    if (ends_with(word, end)) return "";
  }
  return one_slip_away(word, [](const std::string& w) {
    const LexiconWord* known = find_lexicon(w);
    return known && known->base == w && (known->common || !known->concepts.empty());
  });
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

}  // namespace drf::templates
