#pragma once
// A caption cut into its pieces, from left to right: noun phrases, verbs with their auxiliaries,
// prepositions, and the small words between them. A word that may be two of these is decided by its
// neighbours or, where they leave it open, is kOther, and what it touches is not asked.

#include <string>
#include <vector>

#include "drf/templates/phrases.h"

namespace drf::templates {

struct Chunk {
  enum class Kind {
    kThing,        ///< thing
    kVerb,         ///< verb, or nullptr for "is"
    kPreposition,  ///< text; relations in the spelling of relations()
    kAnd,          ///< also "or", "but": text
    kComma,
    kEnd,       ///< of a sentence
    kPronoun,   ///< text
    kRelative,  ///< who, which, that
    kLink,      ///< text: then, before, after, until, while, as, when, if, first
    kAdverb,    ///< text; a direction in the spelling of a question
    kQuality,   ///< an adjective that stands alone: text
    kQuote,     ///< text
    kOther,
  } kind = Kind::kOther;
  std::string text{};
  int thing = -1;
  const VerbEntry* verb = nullptr;
  bool third = false, base = false, ing = false, past = false, participle = false;  ///< the verb's form
  std::string auxiliary{};  ///< "is", "does", "has", ... or ""
  bool modal = false, infinitive = false, negated = false, direction = false;
  bool sure = true;
  size_t begin = 0, end = 0;  ///< tokens
  /// Says what happens, and needs a subject of its number.
  bool finite() const { return third || base || !auxiliary.empty() || (past && !participle); }
};

/// Things by their first mention; a definite phrase with a known name is that thing again.
struct Chunks {
  std::vector<Chunk> list;
  std::vector<Thing> things;
};

Chunks chunks_of(const std::vector<Token>& tokens);

}  // namespace drf::templates
