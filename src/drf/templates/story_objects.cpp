// Which thing an "it", "him" or "them" of a story is, where that is one thing alone.
#include "drf/templates/story_namer.h"

namespace drf::templates {
using Words = std::set<std::string>;

// "the compass" for "it" at token i
std::string StoryNamer::meant(size_t i, const StoryClause& clause, size_t s) const {
  const std::string& w = word(i);
  for (size_t back = 0; back < 2 && back <= s; ++back) {
    if (sentences_[s - back].empty()) return "";
    const size_t from = sentences_[s - back][0].start;
    std::set<std::string> names;
    std::string name;
    for (const auto& [thing, at] : mentions_) {
      const Thing& t = *thing;
      if (at < from || at >= i || t.negated || word(t.at) == word(clause.head)) continue;
      const std::string last = t.name.substr(t.name.rfind(' ') + 1);
      if (!fits(w, last, t.noun, t.plural, t.proper)) continue;
      const std::string category = t.noun ? t.noun->category : "";
      if (last == "half" || last == "end") continue;
      // "the speech falls into the soup, he fishes it out"
      const VerbForm* does = category == "abstract" ? find_verb(word(at + 1)) : nullptr;
      if (w == "it" && does && does->third && at != clause.head) return "";
      if (w == "it" && (category == "abstract" || category == "place" || category == "body")) continue;
      // "a hand with a ring catches it": not the ring
      if (w == "it" && at > clause.subject && at < clause.subject_end && at != clause.head) return "";
      if ((w == "him" || w == "her") && t.noun && !t.living()) continue;
      names.insert(t.name);
      name = t.sure ? t.name : "";
    }
    if (names.size() > 1 && w == "it") return direct_object(i, clause, s - back, names);
    if (names.size() > 1) return "";
    if (names.size() == 1 && back == 0 && w == "it" && !object_is(clause, s, name)) return "";
    if (names.size() == 1) return name.empty() || name == "?" ? "" : "the " + name;
  }
  return "";
}

// "find a machine behind a station. When they plug it in": what the clause before the pronoun at token i is
// done to.
std::string StoryNamer::direct_object(size_t i, const StoryClause& clause, size_t s,
                                      const std::set<std::string>& names) const {
  static const Words places = {"behind", "near", "beside", "in", "outside", "at", "under", "by", "inside"};
  static const Words makes = {"draw", "paint", "carve", "sketch", "build", "plant", "find", "discover"};
  const StoryClause* before = nullptr;
  for (const StoryClause& other : sentences_[s]) {
    if (other.verb < i && &other != &clause && other.verb < clause.verb) before = &other;
  }
  if (!before) return "";
  std::string object;
  bool placed = false;
  for (size_t k = before->verb + 1; k < before->end; ++k) {
    const VerbForm* purpose = word(k) == "to" ? find_verb(word(k + 1)) : nullptr;
    if (purpose && purpose->base && !object.empty()) break;  // "pawns a cymbal to pay for a ticket"
    if (is_a("preposition", word(k)) && !placed) {
      placed = places.count(word(k)) > 0 || (makes.count(before->base) && !object.empty());
      if (!placed) return "";
    }
    for (const auto& [thing, at] : mentions_) {
      const Thing& t = *thing;
      if (at != k || placed || !names.count(t.name)) continue;
      if (!object.empty()) return "";
      object = t.sure ? t.name : "";
    }
  }
  return object.empty() ? "" : "the " + object;
}

// Whether what the clause before was done to, where it has an object, is called so: "wraps a bouquet in paper
// and ties it".
bool StoryNamer::object_is(const StoryClause& clause, size_t s, const std::string& name) const {
  const StoryClause* before = nullptr;
  for (const StoryClause& other : sentences_[s]) {
    if (other.verb < clause.verb) before = &other;
  }
  if (!before || before->verb == clause.verb || !is_a("determiner", word(before->verb + 1))) return true;
  size_t head = before->verb + 1;
  while (head + 1 < before->end && !word(head + 1).empty() && !is_a("preposition", word(head + 1)) &&
         word(head + 1) != "and")
    ++head;
  return name == word(head) || ends_with(name, " " + word(head));
}

}  // namespace drf::templates
