// What a clause of a story tells, asked in its own words, where no other reader has asked what its verb says.
#include "drf/templates/clause_words.h"
#include "drf/templates/story.h"
#include "drf/templates/subjects.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

// Seen only in part, or said of what no picture shows; and postures, which are asked as states.
const Words kUnsure = {
    "get",   "learn", "teach",    "meet",     "win",     "work",    "deserve", "sit",      "stand",
    "lie",   "lean",  "hang",     "stop",     "take",    "give",    "come",    "go",       "end",
    "open",  "turn",  "fall",     "think",    "save",    "survive", "travel",  "visit",    "return",
    "adopt", "marry", "discover", "invite",   "team",    "fail",    "grow",    "change",   "melt",
    "send",  "bring", "face",     "join",     "haunt",   "protect", "escape",  "explore",  "reach",
    "leave", "enter", "rest",     "hold",     "cover",   "line",    "frame",   "surround", "fill",
    "mark",  "wait",  "prepare",  "practice", "compete", "offer",   "imagine", "envision", "dream",
    "shout", "call",  "announce", "speak",    "whisper", "sing",    "water",   "explode",  "burst"};

// Up to the second phrase that tells where or with what: one fact.
std::string one_fact(const std::string& rest) {
  std::string kept;
  size_t phrases = 0, words = 0, with = std::string::npos;
  for (size_t at = 0; at < rest.size();) {
    const size_t next = std::min(rest.find(' ', at + 1), rest.size());
    const std::string word = rest.substr(at + 1, next - at - 1);
    static const Words around = {"under",  "beneath", "during", "near", "behind",
                                 "beside", "above",   "below",  "amid", "against"};
    if (words > 0 && around.count(word)) break;
    const size_t after = std::min(rest.find(' ', std::min(next + 1, rest.size())), rest.size());
    const std::string behind = next < rest.size() ? rest.substr(next + 1, after - next - 1) : "";
    static const Words times = {"night", "day", "morning", "evening"};
    if ((word == "one" || word == "at") && times.count(behind)) break;
    const VerbForm* purpose = word == "to" && words > 0 ? find_verb(behind) : nullptr;
    if (purpose && purpose->base) break;  // "rolls out of the door to see the ocean"
    if (words > 0 && word != "of" && word != "to" && is_a("preposition", word)) {
      // "crosses the line with his arms in the air": how he holds them
      if (++phrases > 1) return with == std::string::npos ? kept : kept.substr(0, with);
      with = word == "with" ? kept.size() : std::string::npos;
    }
    kept += " " + word;
    ++words;
    at = next;
  }
  return kept;
}

}  // namespace

std::string story_deed(const StoryClause& clause, const Caption& caption) {
  if (clause.base.empty() || clause.there || clause.rest.empty() || clause.who.rfind("the ", 0) != 0 ||
      clause.who == "the camera" || clause.who == "the screen" || clause.who == "the picture")
    return "";
  std::string base = clause.base, rest = one_fact(clause.rest);
  if (base == "be" || kNeverAsked.count(base) || is_a("unseen_verb", base) || kUnsure.count(base)) return "";
  if (!find_verb(base) || (clause.noun && !clause.noun->visible())) return "";
  if (base == "find" && rest.rfind(" out", 0) == 0) return "";  // what is found out is not seen
  if (rest.empty() || (base == "run" && rest.rfind(" out of", 0) == 0) || rest.rfind(" fire", 0) == 0)
    return "";
  // "floats a metre above the counter": of which the metre says nothing
  static const Words units = {"metre", "meter", "metres", "meters", "inch", "inches", "centimetre"};
  if (units.count(rest.substr(rest.rfind(' ') + 1))) return "";
  for (const Thing& t : caption.things) {
    if (t.at == clause.head && (stands_still(t, base) || !t.sure)) return "";
  }
  for (const Fact& fact : caption.facts) {
    const bool deed = fact.kind == Fact::Kind::kAction || fact.kind == Fact::Kind::kPassive;
    if (deed && !fact.silent && (first_word(fact.value) == base || (fact.verb && fact.verb->base == base)))
      return "";
  }
  return (clause.plural ? "Do " : "Does ") + clause.who + " " + base + rest + "?";
}

}  // namespace drf::templates
