#include "drf/templates/subjects.h"

#include <algorithm>
#include <set>

#include "drf/templates/pronouns.h"
#include "drf/templates/subject_finder.h"

namespace drf::templates {

std::vector<int> SubjectFinder::find() {
  const int before = previous(at_);
  std::vector<int> who;
  switch (kind(before)) {
    case Kind::kThing:
      who = behind_thing(before);
      break;
    case Kind::kAnd:
    case Kind::kComma:
    case Kind::kLink:
      who = shared(before);
      break;
    case Kind::kPreposition:
      if (chunk(before).text == "without" && verb_.ing) who = shared(before);
      break;
    case Kind::kPronoun:
      who = pronoun(before);
      break;
    case Kind::kRelative:
      who = relative(before);
      break;
    case Kind::kVerb:
      // "begins to cry", "starts running"
      if (starts(before) && (verb_.infinitive || verb_.ing)) who = subjects_[static_cast<size_t>(before)];
      return usable(who) ? who : std::vector<int>();
    default:
      break;
  }
  return usable(who) && agrees(who) ? who : std::vector<int>();
}

bool SubjectFinder::usable(const std::vector<int>& who) const {
  for (const int t : who) {
    const Thing& thing = chunks_.things[static_cast<size_t>(t)];
    if (!thing.sure || thing.negated) return false;
    // An ice cube fries nothing: where the meaning does not fit, the reading is wrong.
    if (verb_.verb && verb_.verb->living && !thing.living() && thing.name != "camera") return false;
    if (thing.noun && thing.noun->category == "abstract") return false;
    if (thing.name == "wind" || thing.name == "breeze" || thing.name == "light")
      return false;  // not to be seen
    if (verb_.verb && stands_still(thing, verb_.verb->base)) return false;
  }
  return !who.empty();
}

bool SubjectFinder::agrees(const std::vector<int>& who) const {
  const std::string& a = verb_.auxiliary;
  const bool collective = list_[static_cast<size_t>(std::max(0, previous(at_)))].auxiliary == "collective";
  if (collective) return true;  // "a flock of birds flies", "fly"
  if (a == "is" || a == "was" || a == "has" || a == "does") return !many(who);
  if (a == "are" || a == "were" || a == "have" || a == "do") return many(who);
  if (!a.empty()) return false;
  if (verb_.third) return !many(who);
  if (verb_.base) return many(who);
  return true;  // participles, the past
}

// The last verb before chunk i in its sentence, or kNone.
int SubjectFinder::verb_before(int i) const {
  for (--i; i >= 0 && chunk(i).kind != Kind::kEnd; --i) {
    if (chunk(i).kind == Kind::kVerb) return i;
  }
  return kNone;
}

// "opens an envelope, reads the letter, and then begins"
std::vector<int> SubjectFinder::shared(int before) const {
  int i = before;
  while (i >= 0 && (kind(i) == Kind::kAnd || kind(i) == Kind::kComma || kind(i) == Kind::kAdverb ||
                    (kind(i) == Kind::kLink && (chunk(i).text == "then" || chunk(i).text == "while" ||
                                                chunk(i).text == "before" || chunk(i).text == "after")))) {
    --i;
  }
  // Verbs of the sentence so far, and whether a clause within it makes "the subject" two.
  int last = kNone, first = kNone;
  bool clause = false;
  for (int k = i; k >= 0 && chunk(k).kind != Kind::kEnd; --k) {
    if (chunk(k).kind == Kind::kVerb) {
      if (last == kNone) last = k;
      first = k;
    }
    if (last != kNone &&
        (chunk(k).kind == Kind::kRelative || chunk(k).kind == Kind::kOther ||
         (chunk(k).kind == Kind::kLink && chunk(k).text != "then" && chunk(k).text != "first")))
      clause = true;
  }
  if (last == kNone && verb_.ing && kind(before) == Kind::kLink) return dangling();
  if (last == kNone && verb_.ing && kind(before) == Kind::kComma) return head_of_phrase(before);
  if (last == kNone) return {};
  const auto& of_last = subjects_[static_cast<size_t>(last)];
  if (verb_.finite()) {
    if (clause) return {};
    if (!chunk(last).finite() && !(chunk(last).infinitive)) {
      // "a man, holding a cup, walks": the first finite verb's subject, where all verbs so far agree on it
      if (subjects_[static_cast<size_t>(first)] != of_last) return {};
    }
    if (chunk(last).modal) return {};
    return of_last;
  }
  if (!verb_.ing) return {};
  // ", trailing smoke", "while reading": all verbs so far have one subject, and no other thing acts
  for (int k = first; k <= last; ++k) {
    if (chunk(k).kind == Kind::kVerb && subjects_[static_cast<size_t>(k)] != of_last) return {};
  }
  return clause ? std::vector<int>() : of_last;
}

// "After locking the gate, the zookeeper feeds ...": who the main clause is about.
std::vector<int> SubjectFinder::dangling() const {
  if (!begins_sentence(at_ - 2)) return {};
  size_t k = static_cast<size_t>(at_) + 1;
  while (k < list_.size() && list_[k].kind != Kind::kComma && list_[k].kind != Kind::kEnd &&
         list_[k].kind != Kind::kVerb)
    ++k;
  if (k + 2 >= list_.size() || list_[k].kind != Kind::kComma || list_[k + 1].kind != Kind::kThing) return {};
  const Chunk& main = list_[k + 2];
  if (main.kind != Kind::kVerb || !main.finite()) return {};
  return {list_[k + 1].thing};
}

// "a man in a hat, holding a cup": the first thing, where all others hang on it.
std::vector<int> SubjectFinder::head_of_phrase(int comma) const {
  int first = comma;
  while (!begins_sentence(first - 1)) --first;
  if (kind(first) != Kind::kThing || first == comma) return {};
  for (int i = first + 1; i < comma; ++i) {
    if (kind(i) == Kind::kComma || kind(i) == Kind::kLink || kind(i) == Kind::kRelative ||
        kind(i) == Kind::kOther || kind(i) == Kind::kPronoun)
      return {};
    if (kind(i) == Kind::kThing && kind(i - 1) == Kind::kAnd) {
      // "with a face and a beard" hangs on the first, "a man and a dog" does not
      const NounEntry* noun = thing(i).noun;
      if (!noun || (noun->category != "body" && noun->category != "clothing")) return {};
    } else if (kind(i) == Kind::kThing && kind(i - 1) != Kind::kPreposition) {
      return {};
    }
    if (kind(i) == Kind::kThing && thing(i).living() && verb_.verb && verb_.verb->living &&
        thing(first).living())
      return {};
  }
  return {chunk(first).thing};
}

std::vector<int> SubjectFinder::pronoun(int p) const {
  // "it hugs the doll": not the doll
  const int object = kind(at_ + 1) == Kind::kThing ? chunk(at_ + 1).thing : kNone;
  const int thing = meant_by(chunks_, static_cast<size_t>(p), chunk(p).text, object);
  if (thing < 0) return {};
  return {thing};
}

std::vector<int> SubjectFinder::relative(int p) const {
  if (!verb_.third && !verb_.base && verb_.auxiliary.empty()) return {};  // "who wanted to": what was before
  int noun = p - 1;
  if (kind(noun) == Kind::kComma) --noun;
  if (kind(noun) != Kind::kThing) return {};
  if (kind(noun - 1) == Kind::kPreposition && chunk(noun - 1).text != "of" &&
      kind(noun - 2) == Kind::kThing) {
    // "a man in a hat who": whichever it fits
    if (!verb_.verb || !verb_.verb->living || thing(noun).living()) return {};
  }
  return {chunk(noun).thing};
}

std::vector<int> subjects_of(const Chunks& chunks, size_t verb,
                             const std::vector<std::vector<int>>& subjects) {
  return SubjectFinder(chunks, verb, subjects).find();
}

// "pine trees rise from the fog", "the road runs along the coast": nothing moves
bool stands_still(const Thing& thing, const std::string& verb) {
  static const std::set<std::string> stands = {"tree",   "mountain",  "hill", "cliff",
                                               "island", "palm tree", "dune"};
  static const std::set<std::string> moves = {
      "rise",  "run",   "climb", "roll",  "march",   "soar", "sweep", "dive",   "descend", "ascend", "wander",
      "creep", "crawl", "drop",  "dance", "stretch", "jump", "fall",  "plunge", "dash",    "wave"};
  // "the whole table bursts out laughing": who sits there
  static const std::set<std::string> seats = {
      "bench",   "table",  "room",    "house",     "office",  "class",  "hall",  "bar",    "pub",
      "stand",   "stands", "stadium", "arena",     "gallery", "box",    "court", "studio", "kitchen",
      "village", "castle", "palace",  "household", "town",    "street", "city",  "club",   "pit"};
  static const std::set<std::string> people_do = {
      "jump",    "leap",  "burst", "laugh",   "cheer", "erupt", "roar", "clap", "rise",
      "gasp",    "sing",  "dance", "scream",  "shout", "chant", "cry",  "weep", "applaud",
      "explode", "stand", "wave",  "whistle", "boo",   "wake",  "yawn"};
  if (thing.noun && people_do.count(verb) && seats.count(thing.name.substr(thing.name.rfind(' ') + 1)))
    return true;
  return thing.noun && moves.count(verb) &&
         (stands.count(thing.noun->kin) || thing.name.find("tree") != std::string::npos ||
          thing.noun->category == "place" || (thing.noun->category == "structure" && verb != "fall"));
}

}  // namespace drf::templates
