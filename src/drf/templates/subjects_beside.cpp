// Who does what a verb says that stands right behind a thing.
#include <set>

#include "drf/templates/subject_finder.h"

namespace drf::templates {

// "a man on a horse waves": from "horse" up to "man", or kNone where it hangs on a verb or nothing.
int SubjectFinder::root(int p) const {
  while (kind(p - 1) == Kind::kPreposition) {
    if (kind(p - 2) != Kind::kThing) return kNone;
    p -= 2;
  }
  return p;
}

std::vector<int> SubjectFinder::behind_thing(int p) const {
  const bool in_phrase = kind(p - 1) == Kind::kPreposition;
  const int top = in_phrase ? root(p) : p;
  if (!verb_.finite() && in_phrase) return participle_in_phrase(p, top);
  if (top == kNone) return {};
  const int before = previous(top);
  const int verb = verb_before(top);
  switch (kind(before)) {
    case Kind::kAnd:
      return coordinated(top, before, verb);
    case Kind::kVerb:
      return behind_object(top, before);
    case Kind::kComma:
      if (kind(before - 1) == Kind::kThing && verb == kNone) {
        // "a cat, a dog run": a list; "in the distance, a train crosses": not
        const int first = before - 1;
        const bool look =
            thing(first).noun && thing(first).noun->category == "abstract";  // "cinematic style, a ..."
        if (!look && !(kind(first - 1) == Kind::kPreposition && begins_sentence(first - 2))) return {};
      }
      return {chunk(top).thing};
    case Kind::kEnd:
    case Kind::kLink:
    case Kind::kRelative:
      return {chunk(top).thing};
    default:
      return {};
  }
}

std::vector<int> SubjectFinder::coordinated(int p, int conjunction, int verb) const {
  if (chunk(conjunction).text != "and" && verb == kNone) return {};
  const int first = conjunction - 1;
  // "waves his wand and a pumpkin grows": a clause of its own
  if (verb != kNone || kind(first) != Kind::kThing) {
    if (verb_.finite()) return {chunk(p).thing};
    return {};
  }
  if (kind(first - 1) == Kind::kPreposition && verb_.finite() && verb_.verb) {
    // "a woman with red hair and freckles sits", "... and a denim jacket sits": not the freckles, nor the
    // jacket
    const int top = root(first);
    if (top == kNone || !begins_sentence(previous(top)) || !thing(top).living() || !thing(p).noun) return {};
    const bool dress = thing(p).noun->category == "clothing" || thing(p).noun->category == "body";
    if (verb_.third && !thing(top).plural &&
        (thing(p).plural || (verb_.verb->living && !thing(p).living())) && dress)
      return {chunk(top).thing};
    return {};
  }
  if (kind(first - 1) == Kind::kPreposition || kind(first - 1) == Kind::kComma ||
      kind(first - 1) == Kind::kAnd)
    return {};
  if (!begins_sentence(first - 1) && kind(first - 1) != Kind::kLink) return {};
  // "an anvil and a pair of bellows hanging": what lies there does not hang, but all that is lies or stands
  static const std::set<std::string> at_rest = {"stand", "lie", "sit", "rest"};
  if (!verb_.finite() && !(thing(first).living() && thing(p).living()) &&
      !(verb_.verb && at_rest.count(verb_.verb->base)))
    return {chunk(p).thing};
  return {chunk(first).thing, chunk(p).thing};
}

// "a man holding a cup walks": what stands before is the object of a participle. A participle behind an
// object may be anyone's.
std::vector<int> SubjectFinder::behind_object(int, int verb) const {
  if (!verb_.finite() || chunk(verb).finite()) return {};
  return chunk(verb).ing ? subjects_[static_cast<size_t>(verb)] : std::vector<int>();
}

// "a man with a beard preparing coffee", "a cup with smoke rising": decided by who can do it.
std::vector<int> SubjectFinder::participle_in_phrase(int p, int top) const {
  if (!verb_.verb || !verb_.ing) return {};
  // "..., with a cat sleeping"
  if (chunk(p - 1).text == "with" && kind(p - 2) == Kind::kComma &&
      (thing(p).living() || !verb_.verb->living))
    return {chunk(p).thing};
  // "a woman in a green raincoat holding a balloon"
  if (top != kNone && top != p && thing(p).noun && thing(top).living() &&
      (thing(p).noun->category == "clothing" || thing(p).noun->category == "body") &&
      kind(previous(top)) != Kind::kVerb && kind(previous(top)) != Kind::kAnd &&
      verb_.verb->kind != VerbEntry::Kind::kLight && chunk(p - 1).text != "with")
    return {chunk(top).thing};
  if (top == kNone) {
    const int verb = verb_before(p);
    if (verb == kNone || thing(p).living() || !verb_.verb->living) return {};
    return subjects_[static_cast<size_t>(verb)];
  }
  if (kind(previous(top)) == Kind::kVerb || kind(previous(top)) == Kind::kAnd) return {};
  const bool town = thing(p).proper && chunk(p - 1).text == "in";  // "a village in Greece waking up"
  const bool near = thing(p).living() && !town, far = thing(top).living();
  if (verb_.verb->living && near != far) return {chunk(near ? p : top).thing};
  if (chunk(p - 1).text == "with" && !near && !verb_.verb->living) return {chunk(p).thing};
  return {};
}

}  // namespace drf::templates
