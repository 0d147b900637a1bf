#include "drf/templates/pronouns.h"

#include <set>

namespace drf::templates {
namespace {

using Kind = Chunk::Kind;
constexpr int kNone = -1;

int meant_of(const Chunks& chunks, size_t at, const std::string& pronoun, int apart, bool things_alone) {
  const bool he = pronoun == "he" || pronoun == "him", she = pronoun == "she" || pronoun == "her",
             it = pronoun == "it";
  const bool them = pronoun == "them" || pronoun == "they";
  if (!he && !she && !it && !them) return kNone;
  int found = kNone;
  std::set<int> seen;
  // "a hand with a ring catches it", "a knight on a motorbike drops out of it": not what its doer has
  std::set<int> had;
  size_t verb = at;
  while (it && verb > 0 && chunks.list[verb - 1].kind != Kind::kVerb &&
         chunks.list[verb - 1].kind != Kind::kEnd)
    --verb;
  size_t inner = it && verb > 0 && chunks.list[verb - 1].kind == Kind::kVerb ? verb - 1 : 0;
  for (; inner >= 3 && chunks.list[inner - 1].kind == Kind::kThing &&
         chunks.list[inner - 2].kind == Kind::kPreposition && chunks.list[inner - 3].kind == Kind::kThing;
       inner -= 2)
    had.insert(chunks.list[inner - 1].thing);
  for (size_t c = 0; c < at; ++c) {
    if (chunks.list[c].kind == Kind::kOther && !chunks.list[c].text.empty() && (it || them)) return kNone;
    if (chunks.list[c].kind != Kind::kThing || !seen.insert(chunks.list[c].thing).second) continue;
    const int t = chunks.list[c].thing;
    const Thing& thing = chunks.things[static_cast<size_t>(t)];
    const std::string kin = thing.noun ? thing.noun->kin : "";
    const bool person = thing.proper || (thing.noun && thing.noun->category == "person");
    static const std::set<std::string> several = {"couple", "crowd",  "choir",   "team",
                                                  "band",   "family", "audience"};
    const bool one = person && !thing.plural && !several.count(kin);
    bool fits = false;
    if (he) fits = one && !is_female(kin);
    if (she) fits = one && !is_male(kin);
    if (it) fits = !thing.plural && (!person || kin == "baby" || kin == "ghost" || kin == "robot");
    if (them) fits = thing.plural;
    if (them && !thing.plural && thing.noun && person) fits = true;  // "a man and a woman ... they"
    // "the groom's speech falls into the soup, he fishes it out": the speech or the soup
    if (it && thing.noun && thing.noun->category == "abstract" && thing.determined &&
        chunks.list[c + 1].kind == Kind::kVerb && chunks.list[c + 1].finite() && chunks.list[c + 1].verb)
      return kNone;
    // "finds a boat on the beach. He lifts it": what can be taken
    if (things_alone && thing.noun &&
        (thing.noun->category == "place" || thing.noun->category == "part" ||
         thing.noun->category == "body" || thing.noun->category == "abstract"))
      continue;
    if (!fits || t == apart) continue;
    if (found != kNone || (!thing.sure && !(thing.noun && (he || she)))) return kNone;
    found = t;
  }
  if (found != kNone && (!chunks.things[static_cast<size_t>(found)].sure || had.count(found))) return kNone;
  if (found != kNone && them && !chunks.things[static_cast<size_t>(found)].plural) return kNone;
  return found;
}

// "lifts her visor, blows on the seam and taps it": the thing behind the verb before may be meant as well as
// `taken`.
bool told_of_since(const Chunks& chunks, size_t at, int taken) {
  size_t verb = at;
  while (verb > 0 && chunks.list[verb].kind != Kind::kVerb) --verb;
  for (size_t k = verb; k-- > 3;) {
    const Chunk& chunk = chunks.list[k];
    if (chunk.kind == Kind::kEnd) return false;
    if (chunk.kind != Kind::kThing) continue;
    const Thing& t = chunks.things[static_cast<size_t>(chunk.thing)];
    if (chunk.thing == taken || t.plural || t.living()) return false;
    const Chunk &with = chunks.list[k - 1], &deed = chunks.list[k - 2];
    return with.kind == Kind::kPreposition && deed.kind == Kind::kVerb &&
           (with.text == "on" || with.text == "at");
  }
  return false;
}

}  // namespace

int meant_by(const Chunks& chunks, size_t at, const std::string& pronoun, int apart) {
  const int of_things = pronoun == "it" ? meant_of(chunks, at, pronoun, apart, true) : kNone;
  const int taken = of_things >= 0 ? of_things : meant_of(chunks, at, pronoun, apart, false);
  return taken >= 0 && pronoun == "it" && told_of_since(chunks, at, taken) ? kNone : taken;
}

}  // namespace drf::templates
