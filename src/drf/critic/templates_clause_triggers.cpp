// A deed and what it sets off: "drops a spoon and it clatters".
#include "drf/critic/templates_clause_words.h"
#include "drf/critic/templates_clauses.h"

namespace drf::critic {
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

}  // namespace drf::critic
