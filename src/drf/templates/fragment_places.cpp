// Where a thing is, by the words right behind it.
#include <algorithm>

#include "drf/templates/fragment_reader.h"
#include "drf/templates/lexicon.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

// Where a thing can be, the longer before what they begin with.
const std::vector<std::string> kPlaces = {"in front of",
                                          "on top of",
                                          "to the left of",
                                          "to the right of",
                                          "on the left of",
                                          "on the right of",
                                          "on the left side of",
                                          "on the right side of",
                                          "next to",
                                          "close to",
                                          "in",
                                          "on",
                                          "under",
                                          "underneath",
                                          "beneath",
                                          "behind",
                                          "beside",
                                          "near",
                                          "above",
                                          "below",
                                          "over",
                                          "inside",
                                          "outside",
                                          "against",
                                          "at",
                                          "by",
                                          "along",
                                          "atop"};

// "in a hurry", "at the end", "in the air": nowhere, or asked by others.
const Words kNoPlace = {"motion",     "time",       "style",   "manner",   "way",    "hurry",   "mood",
                        "mission",    "break",      "loss",    "rush",     "trance", "effort",  "attempt",
                        "look",       "air",        "pose",    "distance", "moment", "second",  "minute",
                        "background", "foreground", "hour",    "day",      "night",  "morning", "evening",
                        "speed",      "afternoon",  "fashion", "pace",     "rhythm", "shot",    "view",
                        "scene",      "frame",      "light",   "search",   "hope",   "front",   "top",
                        "while",      "bit",        "lot",     "lap",      "century"};

}  // namespace

// Whether the word at i may be what thing t does: "three boys on a wall eat ice cream".
bool FragmentReader::may_tell(size_t i, const Thing& t) const {
  if (i == 0 || !find_noun_beside(word(i - 1))) return false;
  if (t.plural) return !base_form(word(i)).empty();
  const VerbForm* form = find_verb(word(i));
  return (form && form->third) || (ends_with(word(i), "s") && !lexicon_verb(word(i)).empty());
}

// Where a noun phrase that begins at i ends, behind its head; 0 where there is none, where one of its words
// may be what thing t does, or where it names nothing that is seen by itself though `sees` asks for that ("on
// a mission").
size_t FragmentReader::phrase_end(size_t i, size_t end, bool sees, const Thing& t) const {
  if (!sees && (word(i) == "top" || word(i) == "front")) return i + 1;  // "on top of"
  size_t head = i;
  for (; head < std::min(end, i + 6); ++head) {
    const std::string& w = word(head);
    const bool behind_noun = head > i + 1 && find_noun_beside(word(head - 1));
    if (w == "or" || w == "both" || w == "between" || (head > i && (is_a("determiner", w) || find_number(w))))
      return 0;
    if (head > i && may_tell(head, t)) return 0;
    if (w.empty() || w == "and" || is_a("preposition", w) || is_a("relative", w) ||
        (ends_with(w, "ing") && behind_noun))
      break;
  }
  if (head == i || kNoPlace.count(word(head - 1)) || tokens_[head - 1].slip) return 0;
  const NounEntry* noun = find_noun_beside(word(head - 1));
  const LexiconWord* entry = find_lexicon(word(head - 1));
  if (!noun && !entry) return 0;
  const bool many = noun ? noun->plural || noun->category == "mass" : entry->plural || entry->stuff;
  if (many && (word(i) == "a" || word(i) == "an")) return 0;  // "a wall ice cream"
  const bool seen = (noun && (noun->visible() || noun->category == "place")) ||
                    (entry && !entry->kind.empty() && entry->kind.rfind("abstract", 0) != 0);
  if (sees && (!seen || (noun && noun->category == "clothing"))) return 0;
  const bool article = is_a("determiner", word(i)) || find_number(word(i)).has_value();
  return article || (noun && seen && many) ? head : 0;
}

// "behind a mailbox", where it stands at token p; "" where nothing certain does.
std::string FragmentReader::place(size_t p, size_t end, const Thing& t) const {
  for (const std::string& where : kPlaces) {
    size_t from = p;
    bool stands = true;
    for (size_t at = 0; stands && at < where.size(); ++from) {
      const size_t blank = std::min(where.find(' ', at), where.size());
      stands = word(from) == where.substr(at, blank - at);
      at = blank + 1;
    }
    if (!stands) continue;
    const size_t stop = phrase_end(from, end, true, t);
    if (stop == 0 || word(stop) == "of") return "";
    const bool over =
        stop >= end || is_a("preposition", word(stop)) || word(stop) == "and" || ends_with(word(stop), "ing");
    const Thing* there = thing_at(stop - 1);
    if (!over || (there && (!there->sure || there->negated))) return "";  // "a chair on wooden runners"
    if (where == "by" && there && there->living()) return "";             // "a mural by an artist"
    std::string said = where;
    for (size_t k = from; k < stop; ++k) {
      if (tokens_[k].slip || is_a("pronoun", word(k)) || his(word(k))) return "";
      said += (word(k) == "'s" ? "" : " ") + raw(k);
    }
    return said;
  }
  return "";
}

// Whether a fact says already that thing t is there, or that all is.
bool FragmentReader::placed(const Thing& t, const std::string& place) const {
  const std::string last = place.substr(place.rfind(' '));
  for (const Fact& fact : caption_.facts) {
    if (fact.kind == Fact::Kind::kSetting && ends_with(place, name_of(fact.thing))) return true;
    if (names(fact.thing, t) && fact.object >= 0 && ends_with(place, name_of(fact.object))) return true;
    if (fact.kind == Fact::Kind::kPlain && fact.value.find(" " + t.name + " ") != std::string::npos &&
        fact.value.find(last) != std::string::npos)
      return true;
  }
  return false;
}

}  // namespace drf::templates
