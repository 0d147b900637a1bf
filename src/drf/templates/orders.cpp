// What comes before what: told by a word ("then", "before", "until"), by a plot in the present tense, or by
// what is done to one thing after the other.
#include <algorithm>

#include "drf/templates/reader.h"

namespace drf::templates {

namespace {

// Deeds that are over when the next one of a story begins.
const std::set<std::string> kPunctual = {
    "open",     "close",   "shut",     "drop",    "catch",  "throw",  "toss",   "break",  "crack",
    "shatter",  "burst",   "pop",      "pick",    "put",    "place",  "take",   "light",  "extinguish",
    "unlock",   "lock",    "enter",    "land",    "jump",   "leap",   "pounce", "wake",   "sit",
    "kneel",    "topple",  "knock",    "grab",    "snatch", "steal",  "cut",    "tie",    "untie",
    "unwrap",   "unfold",  "fold",     "uncork",  "hang",   "plant",  "bury",   "lift",   "lower",
    "stamp",    "sign",    "board",    "swallow", "peel",   "fill",   "empty",  "fasten", "buckle",
    "unbuckle", "tear",    "rip",      "split",   "load",   "unload", "mount",  "dip",    "dive",
    "plunge",   "explode", "collapse", "repair",  "mend",   "fix",    "build",  "bake",   "sharpen",
    "measure",  "hug",     "kiss",     "stop",    "reach",  "stand",  "slam",   "set",    "remove",
    "find",     "push",    "kick",     "hit",     "pour",   "crash",  "fall"};
// ... and those that their second word ends.
const std::set<std::string> kEnded = {"dig up",    "climb out", "climb down", "walk away", "run away",
                                      "ride away", "fly away",  "fly off",    "jump down", "jump off"};
// "falls off the shelf and shatters": the one is what the other comes of.
const std::set<std::string> kFalls = {"fall", "drop", "slide", "roll", "tumble", "topple", "slip", "plummet"};
// "throws a ball and a dog catches it": what is caught was thrown.
const std::set<std::string> kSends = {"throw", "toss", "kick", "drop"};
const std::set<std::string> kGets = {"catch", "fetch", "grab", "snatch"};
const std::set<std::string> kEnds = {"shatter", "break", "crack", "burst", "explode", "crumble"};

}  // namespace

bool Reader::punctual(const Event& event) const {
  const Fact& fact = caption_.facts[static_cast<size_t>(event.fact)];
  const Chunk& v = *at(event.chunk);
  if (fact.kind != Kind::kAction || fact.negated || fact.silent || !fact.verb ||
      (!kPunctual.count(fact.verb->base) && !kEnded.count(fact.value)))
    return false;
  if (!(v.third || v.base) || v.modal || named(fact.thing).plural || !named(fact.thing).living())
    return false;
  if (fact.object < 0) return true;
  // "closes his eyes", "raises an arm": beside whatever else he does
  const NounEntry* noun = named(fact.object).noun;
  return !noun || noun->category != "body";
}

bool Reader::broken_by_fall(const Event& one, const Event& two) const {
  const Fact& a = caption_.facts[static_cast<size_t>(one.fact)];
  const Fact& b = caption_.facts[static_cast<size_t>(two.fact)];
  const auto told = [&](const Event& event, const Fact& fact) {
    const Chunk& v = *at(event.chunk);
    return fact.kind == Kind::kAction && !fact.negated && !fact.silent && fact.verb && fact.object < 0 &&
           (v.third || v.base) && !v.modal;
  };
  return a.thing == b.thing && told(one, a) && told(two, b) && !named(a.thing).living() &&
         kFalls.count(a.verb->base) > 0 && kEnds.count(b.verb->base) > 0;
}

bool Reader::thrown_and_caught(const Event& one, const Event& two) const {
  const Fact& a = caption_.facts[static_cast<size_t>(one.fact)];
  const Fact& b = caption_.facts[static_cast<size_t>(two.fact)];
  const bool told = a.kind == Kind::kAction && b.kind == Kind::kAction && a.verb && b.verb && !a.silent &&
                    !b.silent && at(one.chunk)->finite() && at(two.chunk)->finite() && !at(two.chunk)->modal;
  return told && a.object >= 0 && a.object == b.object && kSends.count(a.verb->base) > 0 &&
         kGets.count(b.verb->base) > 0;
}

// "repairs a box, and gives it away": what is done to a thing that the first deed was done to.
bool Reader::goes_on_with(const Fact& a, const Fact& b) const {
  return a.thing == b.thing && a.object >= 0 && (b.object == a.object || b.place == a.object);
}

// Finite verbs of the sentence that share the subject of chunk k, one after the other.
size_t Reader::deeds_in_row(size_t k, size_t until) const {
  size_t first = k, last = k, count = 0;
  while (first > 0 && kind(first - 1) != ChunkKind::kEnd) --first;
  while (kind(last + 1) != ChunkKind::kEnd) ++last;
  for (size_t i = first; i <= last; ++i) {
    if (kind(i) == ChunkKind::kRelative && i > until) break;  // told of what was named last
    // "wakes up after a storm, repairs": a phrase, no clause
    const bool phrase =
        kind(i) == ChunkKind::kLink && kind(i + 1) == ChunkKind::kThing && kind(i + 2) != ChunkKind::kVerb;
    const bool then = kind(i) == ChunkKind::kLink && at(i)->text == "then";
    if ((kind(i) == ChunkKind::kLink && !phrase && !then) || kind(i) == ChunkKind::kRelative) return 0;
    if (kind(i) == ChunkKind::kAnd && at(i)->text != "and") return 0;
    if (kind(i) != ChunkKind::kVerb) continue;
    if (!at(i)->finite() || subjects_[i] != subjects_[k]) {
      if (i > until) break;
      return 0;
    }
    ++count;
  }
  return count;
}

// "before closing it", "before she closes it"; but "before that she ..." is told of the clause before, and
// "before a mirror combing his hair" of a place.
bool Reader::begins_clause(size_t link) const {
  static const std::set<std::string> times = {"before", "after", "until"};
  static const std::set<std::string> back = {"that", "this", "which", "then", "these", "those"};
  if (!times.count(at(link)->text)) return true;
  if (at(link)->end < tokens_.size() && back.count(tokens_[at(link)->end].text)) return false;
  size_t next = link + 1;
  while (kind(next) == ChunkKind::kAdverb) ++next;
  if (kind(next) == ChunkKind::kVerb) return true;
  while (kind(next) != ChunkKind::kVerb && kind(next) != ChunkKind::kEnd && kind(next) != ChunkKind::kComma)
    ++next;
  return kind(next) != ChunkKind::kVerb || !at(next)->ing || !at(next)->auxiliary.empty();
}

// Whether chunk k is in the clause of the link that begins its sentence: not behind a comma.
bool Reader::clause_of_head(size_t k) const {
  size_t first = k;
  for (; first > 0 && kind(first - 1) != ChunkKind::kEnd; --first) {
    if (kind(first - 1) == ChunkKind::kComma) return false;
  }
  return kind(first) == ChunkKind::kLink && begins_clause(first);
}

// Which of the two events is the first: 1, 2, or 0 where it is not told.
int Reader::first_of(const Event& one, const Event& two) const {
  const auto [k1, f1] = one;
  const auto [k2, f2] = two;
  const Fact& a = caption_.facts[static_cast<size_t>(f1)];
  const Fact& b = caption_.facts[static_cast<size_t>(f2)];
  std::string link;
  size_t marks = 0, sentences = 0;  // behind the link; ends of sentences
  bool other_verb = false, lists = false, last = false;
  for (size_t k = k1 + 1; k < k2; ++k) {
    if (kind(k) == ChunkKind::kEnd) {
      ++sentences;
      link.clear();  // only what the next sentence begins with
      last = false;
    }
    if (kind(k) == ChunkKind::kLink) {
      const bool heads = sentences == 0 || before(k) == ChunkKind::kEnd;
      last = heads && sentences > 0 && ends_story(k);
      link = heads && (link.empty() || link == at(k)->text) ? at(k)->text : "?";
      if (!begins_clause(k)) link = std::string("?");
      marks = 0;
    }
    marks += kind(k) == ChunkKind::kComma || kind(k) == ChunkKind::kAnd;
    // "cracks an egg, whisks the batter, and then sneezes": of one doer, a list of what comes first
    const bool listed = kind(k) == ChunkKind::kVerb && at(k)->finite() && subjects_[k] == subjects_[k1] &&
                        subjects_[k] == subjects_[k2] && sentences == 0 && link.empty() &&
                        (before(k) == ChunkKind::kComma || before(k) == ChunkKind::kAnd);
    lists |= listed;
    if (kind(k) == ChunkKind::kVerb && !listed &&
        !(k + 1 == k2 && at(k)->verb && (at(k)->verb->base == "begin" || at(k)->verb->base == "start")))
      other_verb = true;
  }
  // "In the end ...": behind all that was told
  if (last && link == "then") return 1;
  if (other_verb || (lists && link != "then")) return 0;
  if (link == "then") return 1;
  if (sentences == 0) {
    // "wakes up after a storm, repairs a box": what stands behind the mark is no clause of "after"
    if ((link == "before" || link == "until") && marks == 0) return 1;
    if (link == "after" && marks == 0) return 2;
    if (link.empty() || marks > 0) {
      const std::string head = clause_of_head(k1) ? sentence_head(k1) : "";
      if (head == "before") return 2;
      if (head == "after") return 1;
      const ChunkKind mark = before(k2);
      const bool beside = (mark == ChunkKind::kComma || mark == ChunkKind::kAnd) && lists == false;
      const size_t row = beside ? deeds_in_row(k1, k2) : 0;
      // "drops the oars, stands up, and a lantern swings": no "and", so a list
      if (row >= 2 && punctual(one) && punctual(two) && subjects_[k1] == subjects_[k2] &&
          (row >= 3 || mark == ChunkKind::kComma || goes_on_with(a, b)))
        return 1;
      if (row >= 2 && broken_by_fall(one, two)) return 1;
      // ... by another one, whom the clause begins with
      const ChunkKind clause = mark == ChunkKind::kThing ? before(k2 - 1) : mark;
      if ((clause == ChunkKind::kComma || clause == ChunkKind::kAnd) && !lists && thrown_and_caught(one, two))
        return 1;
    }
    return 0;
  }
  // A plot: "She picks up the letter. She opens the box."; but "He bakes a cake. He cracks the eggs", "She
  // opens a parcel. She cuts the string": how it is done
  static const std::set<std::string> works = {"bake",  "build", "repair", "mend", "fix",
                                              "plant", "bury",  "dig",    "fill", "set"};
  static const std::set<std::string> opens = {"open", "unwrap", "unlock", "empty"};
  static const std::set<std::string> means = {"cut",   "tear", "rip",  "pull",  "break", "unlock",
                                              "untie", "push", "peel", "crack", "turn",  "unbuckle"};
  if (a.verb && b.verb &&
      (works.count(a.verb->base) || (opens.count(a.verb->base) && means.count(b.verb->base))))
    return 0;
  if (sentences == 1 && link.empty() && punctual(one) && punctual(two) && a.thing == b.thing &&
      opens_sentence(k2) && deeds_in_row(k1, k1) > 0 && deeds_in_row(k2, k2) > 0)
    return 1;
  return 0;
}

// "in the end", "finally", and what else begins the last sentence of a story.
bool Reader::ends_story(size_t k) const {
  static const std::set<std::string> ends = {"in", "at", "finally", "eventually"};
  return at(k)->text == "then" && ends.count(tokens_[at(k)->begin].text) > 0;
}

bool Reader::opens_sentence(size_t k) const {
  while (k > 0 && kind(k - 1) != ChunkKind::kEnd) {
    if (kind(--k) == ChunkKind::kVerb || kind(k) == ChunkKind::kPreposition) return false;
  }
  return true;
}

void Reader::orders() {
  for (const char* word : {"reverse", "reversed", "rewind", "rewinds", "rewinding", "rewound"}) {
    if (caption_.words.count(word)) return;  // what is told first is seen last
  }
  for (size_t e = 0; e + 1 < events_.size(); ++e) {
    const Fact& a = caption_.facts[static_cast<size_t>(events_[e].fact)];
    const Fact& b = caption_.facts[static_cast<size_t>(events_[e + 1].fact)];
    if (a.negated || b.negated || (a.verb == b.verb && a.thing == b.thing && a.value == b.value)) continue;
    const int first = first_of(events_[e], events_[e + 1]);
    if (first == 0) continue;
    // "stands on the roof. She stamps her boots": she stands there still
    const Fact& earlier = first == 1 ? a : b;
    bool stood = earlier.verb && earlier.verb->kind == VerbEntry::Kind::kPosture &&
                 earlier.contrast != "changes" && earlier.value == earlier.verb->base;
    // ... but "gets off the bus. He sits on the steps"
    static const std::set<std::string> taken = {"sit", "kneel", "crouch", "squat"};
    for (size_t before = 0; stood && before < e && taken.count(earlier.verb->base); ++before)
      stood = caption_.facts[static_cast<size_t>(events_[before].fact)].thing != earlier.thing;
    if (stood) continue;
    const int of_both[] = {events_[e].fact, events_[e + 1].fact};
    Fact& fact = add(Kind::kOrder, caption_.facts[static_cast<size_t>(of_both[first - 1])].thing);
    fact.first = of_both[first - 1];
    fact.second = of_both[2 - first];
  }
}

std::string Reader::sentence_head(size_t k) const {
  while (k > 0 && kind(k - 1) != ChunkKind::kEnd) --k;
  return kind(k) == ChunkKind::kLink ? at(k)->text : "";
}

}  // namespace drf::templates
