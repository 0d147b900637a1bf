#pragma once
// What an English caption surely says: the things it names and the facts it states, in the order of the text.
// What is not certain (a verb whose subject two nouns may be, a thing that is only compared to, wished for or
// denied) gives no fact.

#include <set>
#include <string>
#include <vector>

#include "drf/templates/chunks.h"

namespace drf::templates {

struct Fact {
  enum class Kind {
    kExists,     ///< thing
    kAbsent,     ///< thing: there is none; object = whom it is said of, or -1
    kCount,      ///< thing
    kAttribute,  ///< thing, attribute (nullptr: two colors); value = the phrase after "is"; object = whose it
                 ///< is, or -1
    kAction,     ///< thing, object or -1, verb; value = the base form with its particle; place or manner
    kPassive,    ///< thing, verb; value = the participle
    kWears,      ///< thing, object
    kDirection,  ///< thing, value; contrast
    kRelation,   ///< thing, object, value; contrast
    kSetting,    ///< thing: the place
    kCamera,     ///< value = the move's base form; contrast
    kBecomes,    ///< thing, object, verb: it turns into that
    kOrder,      ///< first, second: facts that are actions or camera moves, the first before the second
    kGlobal,     ///< global
    kPlain,      ///< value, contrast: whole questions
  } kind = Kind::kPlain;
  int thing = -1, object = -1;
  std::string value{}, contrast{};
  bool negated = false;  ///< of an action: it is not done
  bool phrased = false;  ///< of an action: value holds its object and places in the caption's words
  bool silent = false;   ///< only part of an order of events, not asked by itself
  const AttributeEntry* attribute = nullptr;
  const VerbEntry* verb = nullptr;
  const GlobalEntry* global = nullptr;
  int first = -1, second = -1;
  int place = -1;                       ///< of an action: what stands behind its preposition
  std::string preposition{}, manner{};  ///< "across"; "slowly"
};

struct Caption {
  std::vector<Thing> things;
  std::vector<Fact> facts;
  std::set<std::string> words;  ///< all words, in small letters
  std::string text;             ///< all words in small letters, a blank around each
  bool request = false;         ///< a wish or a question: the prompt is no description
  bool tags = false;            ///< a list of tags
  std::string wish{};           ///< what a request asks for, in its own words
  int64_t sentences = 1;        ///< more than one: what is said of one may not hold of all the video
  bool english = true;
  bool strange = false;  ///< holds names, misspelled words or words that no list knows
};

/// prompt: UTF-8. For text that is not English, or has nothing that is sure, no facts come back.
Caption parse_caption(const std::string& prompt);

}  // namespace drf::templates
