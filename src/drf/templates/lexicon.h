#pragma once
// The lexicon: what WordNet says of a word, from the table that tools/lexicon/make.py compiles and the
// program holds (assets/lexicon/words.txt). The hand's lists (words.h) come before it: they say
// what is asked, this says what a word is.

#include <cstdint>
#include <string>
#include <unordered_set>
#include <vector>

namespace drf::templates {

/// A word as the lexicon has it, in the form that was looked up.
struct LexiconWord {
  std::string base;  ///< the singular, blanks between its words
  bool plural = false;
  std::string
      kind;  ///< of what is seen: "vehicle.road"; of other nouns "abstract.any"; "" where it is no noun
  char verb = 0,
       adjective =
           0;  ///< 'V' where that reading is stronger than the noun's, 'v' where it is worth a thought, or 0
  bool adverb = false, common = false;
  bool stuff = false, food = false;  ///< its likeliest sense is a material, a food
  std::vector<uint32_t> concepts{};  ///< of its senses that can be seen, the likeliest first
};

/// Of a word in small letters, or of several with single blanks between them; nullptr where the lexicon lacks
/// it, as noun with its plural, else in its base form. The result lives as long as the program.
const LexiconWord* find_lexicon(const std::string& word);
/// The base of a verb's form ("juggled": "juggle"), where the lexicon has the verb, or "".
std::string lexicon_verb(const std::string& form);
/// Words that people use often, in their base forms.
const std::unordered_set<std::string>& common_words();

/// What a word is a kind of by its senses that can be seen, in all words for that.
std::vector<std::string> names_above(const LexiconWord& word);
/// Whether what is called `one` may be called `wide` after that: "combine harvester" a "machine", a
/// "combine".
bool narrower(const std::string& one, const std::string& wide);

/// Whether `a` is a kind of `b`, or `b` itself.
bool is_kind_of(uint32_t a, uint32_t b);
/// Whether `a`, or what it is a kind of, is a part of `b` or of what that is a kind of.
bool is_part_of(uint32_t a, uint32_t b);

/// The table's text: for the tests.
std::string lexicon_text();

}  // namespace drf::templates
