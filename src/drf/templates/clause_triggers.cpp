// A deed and what comes of it: for its own doer ("drops off the shelf and splats on the floor") or for
// another
// ("drops a spoon and it clatters").
#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"

namespace drf::templates {
namespace {

// What is seen of what a small deed sets off.
const std::set<std::string> kSetOff = {
    "float",     "shatter", "crack",   "break", "burst",  "explode",   "collapse", "topple", "fall",  "turn",
    "transform", "morph",   "light",   "go",    "melt",   "crumble",   "split",    "fly",    "jump",  "hop",
    "step",      "come",    "shoot",   "rise",  "vanish", "disappear", "grow",     "sink",   "snap",  "roll",
    "bounce",    "open",    "tumble",  "swing", "stop",   "shrink",    "slide",    "freeze", "catch", "tip",
    "wake",      "deflate", "scatter", "leap",  "spring", "land",      "clatter",  "run",    "glide", "gush",
    "pour",      "spill",   "erupt",   "pop",   "sprout"};

}  // namespace

// What its doer can do only when it is done with a: "turns into a tortoise and crawls under a bench".
bool ClauseReader::leads_to(const Deed& a, const Deed& b) const {
  const std::string first = first_word(a.value), second = first_word(b.value);
  const auto has = [](const Deed& deed, const char* words) {
    return (deed.value + " ").find(words) != std::string::npos;
  };
  static const std::set<std::string> turns = {"turn", "transform", "morph", "change"};
  if (a.fact == -2 && turns.count(first) && has(a, " into ")) return b.subject == a.subject;
  // "sprouts wings and flies away"
  static const std::set<std::string> moves = {"fly",    "flap",   "walk",  "run",   "hop",   "crawl",
                                              "gallop", "trot",   "march", "soar",  "swoop", "dance",
                                              "jump",   "waddle", "swim",  "tiptoe"};
  if ((first == "sprout" || first == "grow") && (has(a, " wings ") || has(a, " legs ") || has(a, " fins ")))
    return moves.count(second) > 0;
  // "drops from the ladder and splats on the floor"
  static const std::set<std::string> falls = {"fall",  "drop",   "tumble", "slip",
                                              "slide", "plunge", "roll",   "topple"};
  static const std::set<std::string> hits = {"splat", "land", "crash",  "smash",   "splash",
                                             "thump", "plop", "crunch", "splatter"};
  if (falls.count(first) && a.object < 0 && (a.goal || a.ends) && hits.count(second)) return true;
  // "walks through a glass cabinet and fades into the wallpaper"
  static const std::set<std::string> gone = {"vanish", "disappear", "fade", "dissolve", "melt", "evaporate"};
  static const std::set<std::string> walls = {"structure", "furniture", "part",
                                              "tableware", "vehicle",   "thing"};
  const NounEntry* noun = a.place < 0 ? nullptr : thing(a.place).noun;
  if (gone.count(second) && a.object < 0 && has(a, " through ") && noun && walls.count(noun->category))
    return true;
  // "sags on the wheel and collapses", "wobbles and falls"
  static const std::set<std::string> gives = {"sag",   "wobble", "tilt",  "bend", "swell",
                                              "crack", "sway",   "swing", "shake"};
  static const std::set<std::string> breaks = {"collapse", "topple", "fall",    "burst", "shatter",
                                               "explode",  "snap",   "crumble", "break", "tip"};
  if (gives.count(first) && a.object < 0 && b.object < 0 && breaks.count(second) &&
      !thing(a.subject).living())
    return true;
  // "stops and raises his hand"
  static const std::set<std::string> stops = {"stop", "pause", "halt"};
  if (stops.count(first) && a.object < 0 && b.ends) return true;
  // "chalks his hands and lifts a barbell": both hands are taken
  static const std::set<std::string> dresses = {"chalk", "lace"},
                                     lifts = {"lift", "hang", "grab", "climb", "raise"};
  return dresses.count(first) && a.value != first && lifts.count(second) && b.value != second &&
         !thing(a.subject).plural;
}

// "..., and the pendulum starts to swing", "... and the lamps light up": what begins when a quick deed is
// done.
bool ClauseReader::begins_by(const Deed& a, const Deed& b) const {
  static const std::set<std::string> quick = {
      "open",   "close", "shut", "drop", "set",   "put",  "place", "lay",    "insert",
      "attach", "plug",  "wipe", "pour", "drip",  "add",  "touch", "flip",   "turn",
      "pull",   "push",  "lift", "blow", "throw", "toss", "kick",  "hit",    "strike",
      "tap",    "snap",  "clap", "cut",  "lower", "hang", "light", "unlock", "release"};
  if (a.in != b.in || a.subject == b.subject || !a.link.empty() || !b.link.empty() || b.own_words ||
      thing(a.subject).plural || a.object < 0 || !quick.count(first_word(a.value)))
    return false;
  static const std::set<std::string> onsets = {"start to", "begin to", "light up", "switch on", "come on"};
  bool onset = turns_color(*b.in, b.verb);
  for (const std::string& words : onsets) onset |= b.value.rfind(words, 0) == 0;
  const Sentence& s = *a.in;
  const int subject = child(s, b.verb, "nsubj");
  for (int n = a.verb + 1; n < b.verb; ++n) onset &= at(s, n).base.empty();
  return onset && subject > a.verb && next_to(a, b) && !thing(b.subject).living();
}

// "swings into a wall, the wall collapses": what was hit.
bool ClauseReader::gives_way(const Deed& a, const Deed& b) const {
  static const std::set<std::string> breaks = {"collapse", "topple",  "fall",  "burst", "shatter", "explode",
                                               "snap",     "crumble", "break", "tip",   "crack",   "split"};
  return a.in == b.in && a.link.empty() && b.link.empty() && a.subject != b.subject && a.place >= 0 &&
         a.place == b.subject && breaks.count(first_word(b.value)) > 0 && b.object < 0 &&
         (a.value.find(" into ") != std::string::npos || a.value.find(" against ") != std::string::npos) &&
         next_to(a, b);
}

// "The tram stops, the doors open": what waits for the stop.
bool ClauseReader::waits_for(const Deed& a, const Deed& b) const {
  static const std::set<std::string> stops = {"stop", "halt", "pause", "park", "pull up"};
  static const std::set<std::string> next = {"climb", "step", "get", "jump", "kneel", "open", "lie", "walk"};
  if (a.in != b.in || a.subject == b.subject || !a.link.empty() || !b.link.empty() || b.own_words ||
      a.object >= 0 || !(stops.count(first_word(a.value)) || a.value == "pull up") ||
      !next.count(first_word(b.value)) || b.object >= 0)
    return false;
  const Sentence& s = *a.in;
  const int subject = child(s, b.verb, "nsubj");
  const int article = subject < 0 ? -1 : child(s, subject, "det");
  bool open = false;
  for (int n = a.verb + 1; n < b.verb; ++n) open |= !at(s, n).base.empty();
  return !open && subject > a.verb && article >= 0 && at(s, article).word == "the" && next_to(a, b) &&
         (b.value != first_word(b.value) || first_word(b.value) == "open");
}

// "melts, and the water drips onto the road": begins to melt before.
bool ClauseReader::melts_into(const Deed& a, const Deed& b) const {
  static const std::set<std::string> liquids = {"water", "meltwater", "liquid", "wax",
                                                "drop",  "drops",     "puddle"};
  static const std::set<std::string> runs = {"drip",  "run",   "flow", "trickle", "spread",
                                             "begin", "start", "drop", "fall"};
  const std::string& name = thing(b.subject).name;
  const bool of_it =
      a.subject == b.subject || liquids.count(name) > 0 || name == "melted " + thing(a.subject).name;
  return a.in == b.in && a.link.empty() && b.link.empty() && first_word(a.value) == "melt" && a.object < 0 &&
         of_it && runs.count(first_word(b.value)) > 0 && next_to(a, b);
}

// "snaps his fingers and a snowman turns into a fountain": the one makes the other.
bool ClauseReader::triggers(const Deed& a, const Deed& b) const {
  if (a.in != b.in || a.subject == b.subject || !a.link.empty() || !b.link.empty() || a.own_words ||
      b.own_words)
    return false;
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

}  // namespace drf::templates
