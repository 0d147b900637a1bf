#pragma once
// Noun phrases: [determiner] [number] modifiers head, read with caution: where a word may be a noun or a verb
// and its neighbours do not say which, the phrase is not sure, and nothing is asked of it.

#include <cstdint>
#include <string>
#include <vector>

#include "drf/templates/tokens.h"
#include "drf/templates/words.h"

namespace drf::templates {

/// What one noun phrase names.
struct Thing {
  std::string name;  ///< as a question says it after "the": "dog", "tennis balls", or a proper name
  const NounEntry* noun = nullptr;  ///< of its last word, or nullptr for a noun that the lists lack
  bool plural = false;
  bool proper = false;      ///< a name: no article
  bool determined = false;  ///< has a determiner or number
  bool definite = false;    ///< "the", "his": may have been named before
  bool negated = false;     ///< "no dog"
  bool sure = true;         ///< nothing is asked of it otherwise
  int64_t count = 0;        ///< a number that the text gives, 0 = none
  std::vector<std::pair<const AttributeEntry*, std::string>> attributes{};  ///< with how a question says them
  size_t at = 0;                                                            ///< its head's token
  bool bare = false;                      ///< without an article: "a slice of pizza"
  bool distinct = false;                  ///< "the other dog", "a bigger dog": none of those named before
  bool lifeless = false;                  ///< "a toy dog", "a stone lion"
  bool single = false;                    ///< "a lone rower": exactly one
  std::vector<const VerbEntry*> doing{};  ///< "a crying woman", "falling leaves"
  bool one = false;                       ///< "a tarpaulin": no mass, whatever the lexicon has it for
  /// "plays football": the game, not its ball.
  bool game() const { return !determined && !plural && is_a("game", name); }
  bool mass() const {
    if (one && noun && noun->lexicon) return bare;
    if (plural || !noun) return !plural && bare;
    const std::string last = name.substr(name.rfind(' ') + 1);  // chocolate, but a chocolate bar
    return bare || noun->category == "mass" || is_a("uncountable", last) ||
           (!determined && name == "ice cream");
  }
  bool living() const { return proper || (noun && noun->living() && !lifeless); }
  bool visible() const { return proper || !noun || noun->visible(); }
};

/// Reads a phrase at token i. after_subject: a noun stands right before, so that a word that may be a verb is
/// one. Returns how many tokens it took, 0 = there is none.
size_t read_noun_phrase(const std::vector<Token>& tokens, size_t i, bool after_subject, Thing& thing);

}  // namespace drf::templates
