#pragma once
// A shallow parse of an English caption: the things it names and the facts it states, in the order of the
// text. It walks over the words once, without backtracking: noun phrases, verbs, prepositions and set phrases
// each know what they attach to. What it cannot place it leaves out.

#include <set>
#include <string>
#include <vector>

#include "drf/critic/templates_words.h"

namespace drf::critic {

/// What one noun phrase names.
struct Thing {
  std::string name;       ///< as a question says it after "the": "dog", "tennis balls"
  const NounEntry* noun;  ///< of its last word, or nullptr for a noun that the lists lack
  bool plural = false;
  bool scenery = false;  ///< background, sky, ...: has attributes, but nobody asks whether it is there
  int64_t count = 0;     ///< a number that the text gives, 0 = none
  bool mass() const { return noun && noun->category == "mass"; }
  bool animate() const {
    return noun && (noun->category == "person" || noun->category == "animal" || noun->category == "creature");
  }
};

struct Fact {
  enum class Kind {
    kExists,     ///< thing
    kCount,      ///< thing
    kAttribute,  ///< thing, attribute; value = the phrase after "is"
    kAction,     ///< thing, object or -1, verb (nullptr: unknown to the lists)
    kDirection,  ///< thing, value; contrast
    kRelation,   ///< thing, object, value; contrast
    kGlobal,     ///< global
    kPlain,      ///< value, contrast: whole questions
  } kind = Kind::kPlain;
  int thing = -1, object = -1;
  std::string value, contrast;
  bool participle = false;  ///< of an action: `value` is an -ing form, else a base form
  const AttributeEntry* attribute = nullptr;
  const VerbEntry* verb = nullptr;
  const GlobalEntry* global = nullptr;
};

struct Caption {
  std::vector<Thing> things;
  std::vector<Fact> facts;
  std::set<std::string> words;  ///< all words, in small letters
};

/// prompt: UTF-8. For text that is not English, or has nothing the parser knows, no facts come back.
Caption parse_caption(const std::string& prompt);

}  // namespace drf::critic
