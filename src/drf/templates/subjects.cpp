#include "drf/templates/subjects.h"

#include <algorithm>
#include <set>

namespace drf::templates {
namespace {

using Kind = Chunk::Kind;
constexpr int kNone = -1;

class Finder {
 public:
  Finder(const Chunks& chunks, size_t verb, const std::vector<std::vector<int>>& subjects)
      : chunks_(chunks),
        list_(chunks.list),
        verb_(list_[verb]),
        at_(static_cast<int>(verb)),
        subjects_(subjects) {}

  std::vector<int> find() {
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

 private:
  const Chunk& chunk(int i) const { return list_[static_cast<size_t>(i)]; }
  Kind kind(int i) const { return i < 0 || i >= static_cast<int>(list_.size()) ? Kind::kEnd : chunk(i).kind; }
  // The chunk before i, adverbs left out; kNone at the start.
  int previous(int i) const {
    do --i;
    while (i >= 0 && chunk(i).kind == Kind::kAdverb);
    return i;
  }
  const Thing& thing(int i) const { return chunks_.things[static_cast<size_t>(chunk(i).thing)]; }
  bool many(const std::vector<int>& who) const {
    return who.size() > 1 || chunks_.things[static_cast<size_t>(who[0])].plural;
  }

  static bool is_start(const Chunk& c) {
    static const std::set<std::string> starts = {"begin", "start", "continue"};
    return c.verb && starts.count(c.verb->base) > 0 && !c.negated && !c.modal;
  }
  bool starts(int i) const { return is_start(chunk(i)); }

  bool usable(const std::vector<int>& who) const {
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

  bool agrees(const std::vector<int>& who) const {
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
  int verb_before(int i) const {
    for (--i; i >= 0 && chunk(i).kind != Kind::kEnd; --i) {
      if (chunk(i).kind == Kind::kVerb) return i;
    }
    return kNone;
  }
  bool begins_sentence(int i) const { return i < 0 || chunk(i).kind == Kind::kEnd; }

  // "a man on a horse waves": from "horse" up to "man", or kNone where it hangs on a verb or nothing.
  int root(int p) const {
    while (kind(p - 1) == Kind::kPreposition) {
      if (kind(p - 2) != Kind::kThing) return kNone;
      p -= 2;
    }
    return p;
  }

  std::vector<int> behind_thing(int p) const {
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

  std::vector<int> coordinated(int p, int conjunction, int verb) const {
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
      if (top == kNone || !begins_sentence(previous(top)) || !thing(top).living() || !thing(p).noun)
        return {};
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
  std::vector<int> behind_object(int, int verb) const {
    if (!verb_.finite() || chunk(verb).finite()) return {};
    return chunk(verb).ing ? subjects_[static_cast<size_t>(verb)] : std::vector<int>();
  }

  // "a man with a beard preparing coffee", "a cup with smoke rising": decided by who can do it.
  std::vector<int> participle_in_phrase(int p, int top) const {
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
    const bool near = thing(p).living(), far = thing(top).living();
    if (verb_.verb->living && near != far) return {chunk(near ? p : top).thing};
    if (chunk(p - 1).text == "with" && !near && !verb_.verb->living) return {chunk(p).thing};
    return {};
  }

  // "opens an envelope, reads the letter, and then begins"
  std::vector<int> shared(int before) const {
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
  std::vector<int> dangling() const {
    if (!begins_sentence(at_ - 2)) return {};
    size_t k = static_cast<size_t>(at_) + 1;
    while (k < list_.size() && list_[k].kind != Kind::kComma && list_[k].kind != Kind::kEnd &&
           list_[k].kind != Kind::kVerb)
      ++k;
    if (k + 2 >= list_.size() || list_[k].kind != Kind::kComma || list_[k + 1].kind != Kind::kThing)
      return {};
    const Chunk& main = list_[k + 2];
    if (main.kind != Kind::kVerb || !main.finite()) return {};
    return {list_[k + 1].thing};
  }

  // "a man in a hat, holding a cup": the first thing, where all others hang on it.
  std::vector<int> head_of_phrase(int comma) const {
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

  std::vector<int> pronoun(int p) const {
    // "it hugs the doll": not the doll
    const int object = kind(at_ + 1) == Kind::kThing ? chunk(at_ + 1).thing : kNone;
    const int thing = meant_by(chunks_, static_cast<size_t>(p), chunk(p).text, object);
    if (thing < 0) return {};
    return {thing};
  }

  std::vector<int> relative(int p) const {
    if (!verb_.third && !verb_.base && verb_.auxiliary.empty())
      return {};  // "who wanted to": what was before
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

  const Chunks& chunks_;
  const std::vector<Chunk>& list_;
  const Chunk& verb_;
  const int at_;
  const std::vector<std::vector<int>>& subjects_;
};

}  // namespace

std::vector<int> subjects_of(const Chunks& chunks, size_t verb,
                             const std::vector<std::vector<int>>& subjects) {
  return Finder(chunks, verb, subjects).find();
}

namespace {

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

}  // namespace

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

// "lifts her visor, blows on the seam and taps it": the thing behind the verb before may be meant as well as
// `taken`.
static bool told_of_since(const Chunks& chunks, size_t at, int taken) {
  using Kind = Chunk::Kind;
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

int meant_by(const Chunks& chunks, size_t at, const std::string& pronoun, int apart) {
  const int of_things = pronoun == "it" ? meant_of(chunks, at, pronoun, apart, true) : kNone;
  const int taken = of_things >= 0 ? of_things : meant_of(chunks, at, pronoun, apart, false);
  return taken >= 0 && pronoun == "it" && told_of_since(chunks, at, taken) ? kNone : taken;
}

}  // namespace drf::templates
