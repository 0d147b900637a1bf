// Which of two parsed deeds comes first: told by a word ("then", "before", "once"), by a list of deeds that
// are over when the next one begins, or by what one deed sets off.
#include <algorithm>

#include "drf/critic/templates_clause_words.h"
#include "drf/critic/templates_clauses.h"

namespace drf::critic {
namespace {

// Deeds that make way for the next one of their doer: "opens the window and crawls into the room".
const std::set<std::string> kMakesWay = {
    "let",    "open",    "sharpen", "unlock", "unwrap",   "unfold", "unzip",    "uncork", "unpack",
    "unroll", "enter",   "leave",   "land",   "kneel",    "stop",   "halt",     "fall",   "slip",
    "trip",   "stumble", "hatch",   "dive",   "plunge",   "reach",  "draw",     "grab",   "snatch",
    "catch",  "find",    "remove",  "board",  "mount",    "cross",  "dismount", "dig",    "pluck",
    "get",    "stand",   "sit",     "step",   "walk",     "run",    "crawl",    "climb",  "roll",
    "slide",  "ride",    "drive",   "fly",    "swim",     "jump",   "leap",     "hop",    "take",
    "put",    "pick",    "pull",    "wake",   "arrive",   "melt",   "soften",   "lift",   "fetch",
    "steal",  "tumble",  "bump",    "buckle", "unbuckle", "saddle", "blow",     "bow",    "hide"};
// ... some only with a second word or a goal: "sits down", "walks into the barn".
const std::set<std::string> kOverWithMore = {"get",  "set",  "turn",   "blow",   "stand", "sit",  "step",
                                             "walk", "run",  "crawl",  "roll",   "slide", "ride", "drive",
                                             "fly",  "swim", "pick",   "pull",   "jump",  "leap", "hop",
                                             "hang", "rise", "bounce", "arrive", "wake",  "bump"};
const std::set<std::string> kEnding = {"up",   "down",  "off",  "out",  "on",  "in",
                                       "away", "aside", "back", "open", "over"};
// Others that are over when the next one begins, which need not come of them.
const std::set<std::string> kOver = {
    "close",   "shut",   "drop",    "throw",  "toss",   "hurl",    "lock",    "cut",        "tie",
    "untie",   "fold",   "plant",   "bury",   "fill",   "empty",   "fasten",  "tear",       "rip",
    "break",   "crack",  "peel",    "stamp",  "sign",   "swallow", "light",   "extinguish", "unscrew",
    "tighten", "loosen", "dip",     "bake",   "mend",   "fix",     "repair",  "hand",       "give",
    "place",   "lay",    "set",     "load",   "unload", "sharpen", "measure", "weigh",      "build",
    "finish",  "kiss",   "collect", "gather", "switch", "turn",    "knock",   "shed",       "deliver",
    "crash",   "topple", "screw",   "zip",    "cover",  "uncover", "knead",   "sprinkle",   "slice",
    "grind",   "kick",   "hit",     "strike", "pour",   "trim",    "launch",  "rise",       "sink",
    "insert",  "attach", "wrap",    "wipe",   "sew",    "hang",    "clap"};
// What a story ends with: its doer is gone, or is another thing.
const std::set<std::string> kGone = {"leave",    "enter",   "disappear", "vanish", "fade",     "melt",
                                     "crumble",  "shatter", "explode",   "burst",  "collapse", "snap",
                                     "dissolve", "break",   "evaporate", "split",  "turn",     "harden"};
// What may go on beside another deed, or be a part of it.
const std::set<std::string> kBeside = {
    "smile",   "laugh",  "cry",     "shout",   "sing",    "hum",    "whistle", "look",   "stare",   "gaze",
    "watch",   "hold",   "carry",   "wear",    "nod",     "scream", "yell",    "bark",   "meow",    "roar",
    "growl",   "wait",   "stay",    "lie",     "lean",    "glow",   "shine",   "float",  "hover",   "wobble",
    "tremble", "shiver", "breathe", "think",   "listen",  "speak",  "talk",    "chat",   "whisper", "grin",
    "frown",   "blink",  "wink",    "point",   "dance",   "spin",   "wake",    "scare",  "startle", "splash",
    "spill",   "ruin",   "damage",  "hurt",    "injure",  "crash",  "reveal",  "expose", "face",    "follow",
    "chase",   "guard",  "circle",  "stand",   "hang",    "sit",    "cast",    "leave",  "gesture", "cheer",
    "sway",    "swing",  "drift",   "sparkle", "flicker", "twirl"};
// A part of the body that moves is beside whatever else is done.
const std::set<std::string> kGestures = {
    "raise", "lift",  "spread", "open", "close", "shake", "stretch", "wave", "lower", "turn", "tilt",
    "throw", "swing", "flap",   "move", "bend",  "bow",   "nod",     "clap", "snap",  "kick", "wag"};
// What is seen of what a small deed sets off.
const std::set<std::string> kSetOff = {
    "float",     "shatter", "crack",   "break", "burst",  "explode",   "collapse", "topple", "fall",  "turn",
    "transform", "morph",   "light",   "go",    "melt",   "crumble",   "split",    "fly",    "jump",  "hop",
    "step",      "come",    "shoot",   "rise",  "vanish", "disappear", "grow",     "sink",   "snap",  "roll",
    "bounce",    "open",    "tumble",  "swing", "stop",   "shrink",    "slide",    "freeze", "catch", "tip",
    "wake",      "deflate", "scatter", "leap",  "spring", "land",      "clatter",  "run",    "glide", "gush",
    "pour",      "spill",   "erupt",   "pop",   "sprout"};
// Told of what happens again and again.
const char* const kRepeats[] = {
    " again and again ", " over and over ", " repeatedly ", " endlessly ", " always ", " constantly ",
    " continuously ",    " alternately ",   " loop ",       " looping ",   " looped ", " loops ",
    " every ",           " each day ",      " all day ",    " daily ",     " often ",  " back and forth ",
    " time-lapse ",      " timelapse ",     " take turns ", " in turn "};

bool backwards(const std::set<std::string>& words) {
  for (const char* word : {"reverse", "reversed", "rewind", "rewinds", "rewinding", "rewound"}) {
    if (words.count(word)) return true;
  }
  return false;
}

std::string first_word(const std::string& text) { return text.substr(0, text.find(' ')); }

}  // namespace

// The word of time that makes a clause of the verb: "before he turns on the tap", "after blowing it out".
std::string ClauseReader::time_link(const Sentence& s, int v) const {
  static const std::set<std::string> links = {"before", "after", "until", "once", "when"};
  const Node& node = at(s, v);
  if (!node.sure) return "";
  if (node.dep == "pcomp") {
    const Node& link = at(s, node.head);
    return link.sure && link.dep == "prep" && node.tag == "VBG" && node.head == v - 1 &&
                   (link.word == "before" || link.word == "after")
               ? link.word
               : "";
  }
  if (node.dep != "advcl" || node.base.empty()) return "";
  for (const int c : children(s, v)) {
    const Node& small = at(s, c);
    if ((small.dep == "mark" || small.dep == "advmod") && small.sure && links.count(small.word) && c < v &&
        child(s, v, "nsubj") > c)
      return small.word;
  }
  return "";
}

// Whether a clause of time is told as what happens.
bool ClauseReader::told_in_time(const Sentence& s, int v) const {
  for (const int c : children(s, v)) {
    const Node& small = at(s, c);
    if (small.dep == "neg" || small.tag == "MD" || small.tag == "TO" || kDoubts.count(small.word) ||
        small.word == "just" || small.word == "long" || small.word == "shortly")
      return false;
    if ((small.dep == "aux" || small.dep == "auxpass") && small.word != "is" && small.word != "are")
      return false;
  }
  // "after the rain stops": it may not be seen to fall
  const std::string base = base_of(s, v);
  if (base == "stop" && time_link(s, v) != "before" && time_link(s, v) != "until") return false;
  return real(s, at(s, v).dep == "pcomp" ? at(s, at(s, v).head).head : at(s, v).head);
}

// Whether the doer is done with it when what is told next begins.
bool ClauseReader::over(const Deed& deed) const {
  const std::string base = first_word(deed.value);
  if (!kOver.count(base) && !kMakesWay.count(base)) return false;
  const std::string rest = deed.value.size() > base.size() ? deed.value.substr(base.size() + 1) : "";
  const bool second = kEnding.count(first_word(rest)) > 0 || rest.find(" up") != std::string::npos;
  if (deed.object >= 0) {
    const NounEntry* noun = thing(deed.object).noun;
    if (noun && noun->category == "body") return false;
    return !kOverWithMore.count(base) || second || deed.goal || base == "take" || base == "climb" ||
           base == "put";
  }
  static const std::set<std::string> goes_on = {"on", "in"};  // "skis on", but "gets in"
  if (deed.goal || (second && (!goes_on.count(first_word(rest)) || base == "get" || base == "climb")))
    return true;
  static const std::set<std::string> alone = {
      "kneel", "land", "stop",   "halt",   "fall",   "slip",   "trip", "stumble", "hatch", "dive",
      "crash", "melt", "plunge", "topple", "tumble", "soften", "bow",  "sink",    "hide"};
  return alone.count(base) > 0;
}

// Whether it is a deed of its own, no part of the one before it.
bool ClauseReader::begins_anew(const Deed& deed) const {
  const std::string base = first_word(deed.value);
  if (base == "sit" || base == "stand" || base == "hang")
    return deed.value.rfind("sit down", 0) == 0 || deed.value.rfind("stand up", 0) == 0 || deed.object >= 0;
  static const std::set<std::string> moves = {"sail",  "ride",  "drive", "fly",  "walk",  "run",
                                              "swim",  "drift", "glide", "head", "rush",  "roll",
                                              "float", "march", "crawl", "ski",  "skate", "hop"};
  if (moves.count(base) && deed.place >= 0 && deed.value.size() > base.size()) return true;
  if (kBeside.count(base)) return base == "leave" && deed.object >= 0;
  const NounEntry* noun = deed.object < 0 ? nullptr : thing(deed.object).noun;
  if (noun && noun->category == "body") return !kGestures.count(base);
  static const std::set<std::string> ends = {"shatter", "break", "crack",    "burst", "explode",
                                             "crumble", "bow",   "collapse", "fall",  "stop"};
  const bool second =
      deed.value.size() > base.size() && kEnding.count(first_word(deed.value.substr(base.size() + 1)));
  return deed.ends || deed.goal || deed.object >= 0 || second || ends.count(base) > 0;
}

// One doer, and what is done to one thing or to those that were named: "loads boxes" is done all day.
bool ClauseReader::listed_one(const Deed& deed) const {
  if (thing(deed.subject).plural) return false;
  if (deed.object < 0) return true;
  const Thing& object = thing(deed.object);
  return !object.plural || object.determined || object.count > 0 ||
         (object.noun && object.noun->category == "clothing");
}

// Whether nothing that joins them in another way stands between two verbs of one sentence.
bool ClauseReader::next_to(const Deed& a, const Deed& b) const {
  const Sentence& s = *a.in;
  for (int n = a.verb + 1; n < b.verb; ++n) {
    const std::string& word = at(s, n).word;
    for (const char* link :
         {"while", "as", "before", "after", "until", "when", "once", "or", "but", "because", "so"}) {
      if (word == link) return false;
    }
    if (is_a("relative", word)) return false;
  }
  return true;
}

// "snaps his fingers and a snowman turns into a fountain": the one makes the other.
bool ClauseReader::triggers(const Deed& a, const Deed& b) const {
  if (a.in != b.in || a.subject == b.subject || !a.link.empty() || !b.link.empty()) return false;
  const Sentence& s = *a.in;
  const std::string& base = at(s, a.verb).base;
  const std::string& effect = at(s, b.verb).base;
  const bool opens = base == "open", magic = (base == "snap" || base == "clap" || base == "tap") && b.ends;
  if ((!kSmallDeeds.count(base) && !opens) || effect.empty() || (!kSetOff.count(effect) && !magic) ||
      (thing(a.subject).plural && thing(a.subject).living()))
    return false;
  if (a.object < 0 && base != "whistle" && base != "clap" && base != "blow" && !opens && a.place < 0)
    return false;
  static const std::set<std::string> parts_alone = {
      "shatter", "crack", "burst",  "break", "explode", "collapse", "fall",   "stop",      "open",    "split",
      "snap",    "pop",   "topple", "melt",  "crumble", "sink",     "vanish", "disappear", "deflate", "tip"};
  const bool parts =
      parts_alone.count(effect) > 0 || ends_with(b.value, " away") || ends_with(b.value, " out");
  if (!b.ends && !b.goal && !parts) return false;
  // what was struck moves itself; what another one does is none of it
  const bool struck = b.subject == a.object || b.subject == a.place;
  static const std::set<std::string> moves = {"roll",    "bounce", "swing", "slide", "land",
                                              "clatter", "run",    "catch", "glide", "float"};
  if (moves.count(effect) && !struck && effect != "catch") return false;
  if (effect == "catch" && (b.object < 0 || b.object != a.object)) return false;
  if (opens && effect == "open") return false;
  const int subject = child(s, b.verb, "nsubj");
  bool linked = false;
  for (int n = a.verb + 1; n < b.verb; ++n) {
    if (!at(s, n).base.empty()) return false;
    linked |= (at(s, n).word == "and" || at(s, n).word == ",") && n < subject;
  }
  return linked && subject >= 0 && next_to(a, b);
}

// Whether deed b is told as what comes after a.
bool ClauseReader::sequel(const Deed& a, const Deed& b) const {
  if (a.in != b.in || !a.link.empty() || !b.link.empty() || !next_to(a, b)) return false;
  const Sentence& s = *a.in;
  bool then = false, others = false;
  for (int n = a.verb + 1; n < b.verb; ++n) {
    const std::string& word = at(s, n).word;
    then |= word == "then" || ((word == "finally" || word == "eventually") && a.subject == b.subject);
    if (word == "then" || word == "finally") others = false;
    others |= !at(s, n).base.empty() && !then;
  }
  for (const int c : children(s, b.verb)) {
    then |= c > b.verb && at(s, c).word == "then";
  }
  if (then) return a.subject == b.subject || !others;
  if (a.subject != b.subject) return false;
  const bool one_row = top(s, a.verb) == top(s, b.verb);
  if (a.ends && b.ends && a.object >= 0 && a.object == b.object) return true;
  // three or more verbs of one subject, one after the other
  int row = 0;
  for (int n = 0; n < static_cast<int>(s.nodes.size()); ++n) {
    const bool subject = n != top(s, a.verb) && (child(s, n, "nsubj") >= 0 || child(s, n, "nsubjpass") >= 0);
    row += !at(s, n).base.empty() && top(s, n) == top(s, a.verb) && !subject;
  }
  if (row >= 3 && one_row && a.ends && b.ends) return true;
  const std::string first = first_word(a.value), second = first_word(b.value);
  const bool gone = kGone.count(second) > 0 || ends_with(b.value, " away") || ends_with(b.value, " off") ||
                    ends_with(b.value, " back");
  if (a.object >= 0 && a.object == b.object && over(a) && begins_anew(b) && listed_one(a)) return true;
  return one_row && (over(a) ? kMakesWay.count(first) > 0 || gone : gone && row >= 3 && a.ends) &&
         begins_anew(b) && listed_one(a) && listed_one(b);
}

// 1 or 2: which of them is first by the word of time of one that hangs on the other; 0 where none is told.
int ClauseReader::timed(const Deed& a, const Deed& b) const {
  if (a.in != b.in || a.link.empty() == b.link.empty()) return 0;
  const Deed &clause = a.link.empty() ? b : a, &main = a.link.empty() ? a : b;
  const int other = a.link.empty() ? 1 : 2, self = 3 - other;
  if (clause.of != main.verb || clause.value == main.value) return 0;
  if (clause.link == "before" || clause.link == "until") return other;
  if (clause.link == "when") return self == 1 && over(clause) && begins_anew(main) ? self : 0;
  return self;
}

// "A farmer opens the gate. Then the sheep run into the meadow."
bool ClauseReader::story_goes_on(const Deed& a, const Deed& b) const {
  if (a.in == b.in || a.in + 1 != b.in || !a.link.empty() || !b.link.empty()) return false;
  const Sentence &s = *a.in, &t = *b.in;
  for (int n = a.verb + 1; n < static_cast<int>(s.nodes.size()); ++n) {
    if (!at(s, n).base.empty()) return false;
  }
  std::string start;
  const int subject = child(t, b.verb, "nsubj");
  if (subject < 0 || at(t, b.verb).dep != "ROOT" || at(s, top(s, a.verb)).dep != "ROOT") return false;
  for (int n = 0; n < b.verb; ++n) {
    if (!at(t, n).base.empty()) return false;
    if (n < 4) start += at(t, n).word + " ";
  }
  for (const char* words :
       {"then ", "after that ", "next , ", "finally ", "a moment later ", "moments later ", "afterwards ",
        "in the end ", "at the end ", "at last ", "seconds later "}) {
    if (start.rfind(words, 0) == 0) return a.ends || over(a) || a.subject == b.subject;
  }
  // "It rolls into the kitchen. It picks up a spoon", but "She opens a present. She tears off the paper": a
  // part of it
  static const std::set<std::string> whole = {"open",  "unwrap", "unpack", "dig",   "pluck",
                                              "lift",  "catch",  "climb",  "cross", "take",
                                              "reach", "draw",   "steal",  "remove"};
  const std::string first = first_word(a.value);
  return a.subject == b.subject && at(t, subject).tag == "PRP" && kMakesWay.count(first) > 0 &&
         !whole.count(first) && over(a) && begins_anew(b) && listed_one(a) && listed_one(b);
}

void ClauseReader::orders() {
  if (backwards(caption_.words)) return;
  bool repeats = false;
  for (const char* words : kRepeats) repeats |= caption_.text.find(words) != std::string::npos;
  for (size_t d = 0; d + 1 < deeds_.size(); ++d) {
    const Deed &one = deeds_[d], &other = deeds_[d + 1];
    if (one.value == other.value && one.subject == other.subject) continue;
    int first = timed(one, other);
    if (first == 0 && !repeats && (sequel(one, other) || triggers(one, other) || story_goes_on(one, other)))
      first = 1;
    if (first == 0) continue;
    const Deed &a = first == 1 ? one : other, &b = first == 1 ? other : one;
    const auto same = [&](int f, const Deed& deed) {
      const Fact& fact = caption_.facts[static_cast<size_t>(f)];
      return fact.verb && fact.thing == deed.subject && deed.value.rfind(fact.verb->base, 0) == 0;
    };
    const auto asked = [&](const Fact& fact) {
      return fact.kind == Fact::Kind::kOrder &&
             ((same(fact.first, a) && same(fact.second, b)) || (same(fact.first, b) && same(fact.second, a)));
    };
    if (std::any_of(caption_.facts.begin(), caption_.facts.end(), asked)) continue;
    int of[2];
    for (int i = 0; i < 2; ++i) {
      const Deed& deed = i == 0 ? a : b;
      Fact& fact = add(Fact::Kind::kAction, deed.subject);
      fact.value = deed.value;
      fact.verb = plain_verb(base_of(*deed.in, deed.verb));
      fact.silent = fact.phrased = true;
      fact.object = deed.object;
      of[i] = static_cast<int>(caption_.facts.size()) - 1;
    }
    Fact& order = add(Fact::Kind::kOrder, a.subject);
    order.first = of[0];
    order.second = of[1];
  }
}

}  // namespace drf::critic
