// Verbs of two words: "rides away", "bursts out laughing", "stands out". The second word may say where to, or
// make another verb of the first.
#include "drf/templates/reader.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

const Words kParticles = {"out", "off", "away",  "up",    "down", "back",  "over",   "on",
                          "in",  "by",  "along", "aside", "past", "apart", "around", "through"};

// Pairs that mean neither of their words: "a colour stands out", "time runs out", "he nods off".
const std::map<std::string, Words> kOtherVerbs = {
    {"run", {"out", "down", "over", "up"}},
    {"roll", {"out", "up"}},
    {"spin", {"off", "out"}},
    {"drift", {"off"}},
    {"slip", {"up", "on", "off"}},
    {"swing", {"by"}},
    {"hang", {"out", "on", "up", "around"}},
    {"dash", {"off"}},
    {"march", {"on"}},
    {"fall", {"apart", "out", "in", "through", "back"}},
    {"break", {"down", "up", "out", "off", "away", "in", "through"}},
    {"blow", {"out", "up", "over", "off", "away"}},
    {"close", {"in", "down", "up"}},
    {"crack", {"up", "down"}},
    {"pop", {"up", "in", "out"}},
    {"sign", {"up", "off", "in", "out"}},
    {"wash", {"up", "out", "over", "away"}},
    {"pass", {"out", "away", "by"}},
};
// Whose own sense stays beside any small word.
const Words kSteady = {"stare",    "gaze",   "shine",     "glow",    "flicker", "burn",  "leak",
                       "drip",     "melt",   "lean",      "talk",    "speak",   "shout", "whisper",
                       "sing",     "scream", "rise",      "sink",    "splash",  "smile", "bark",
                       "eat",      "drink",  "read",      "write",   "paint",   "sleep", "explode",
                       "dissolve", "vanish", "disappear", "sparkle", "shimmer"};
const Words kRides = {"ride", "drive", "sail", "row"};
// Said of a way, in or with the verb.
const Words kWays = {"out", "off", "away", "up", "down", "back", "over", "along", "past", "by", "around"};

}  // namespace

// What the small word behind the verb makes of it; sets `value` where the two say one deed.
Reader::Second Reader::second_word(size_t k, std::string& value) const {
  const Chunk& v = *at(k);
  const Chunk* small = at(k + 1);
  if (!small || !v.verb || small->direction || small->begin != v.end) return Second::kNone;
  const std::string& base = v.verb->base;
  const std::string& particle = tokens_[small->begin].text;
  // "rolls by itself": nothing is passed
  const std::string behind = small->end < tokens_.size() ? tokens_[small->end].text : "";
  if (ends_with(behind, "self") || ends_with(behind, "selves")) return Second::kNone;
  if ((small->kind != ChunkKind::kAdverb && small->kind != ChunkKind::kPreposition) ||
      !kParticles.count(particle))
    return Second::kNone;
  const auto other = kOtherVerbs.find(base);
  const bool torn = other != kOtherVerbs.end() && other->second.count(particle) > 0;
  const bool object_next = kind(k + 2) == ChunkKind::kThing;
  const auto takes = v.verb->kind;
  if (takes == VerbEntry::Kind::kObject ||
      (takes == VerbEntry::Kind::kBoth && object_next && particle != "back"))
    return Second::kNone;  // said with its object: "throws away a cup"
  const bool moves = v.verb->kind == VerbEntry::Kind::kMotion || kRides.count(base) > 0;
  if (small->end != small->begin + 1) {
    // "runs out of bread": no way out
    const NounEntry* noun = object_next ? thing_at(k + 2).noun : nullptr;
    const bool stuff = noun && (noun->category == "mass" || noun->category == "food");
    return torn && base == "run" && particle == "out" && (stuff || !noun) ? Second::kTorn : Second::kNone;
  }
  if (object_next && small->kind == ChunkKind::kPreposition) {
    if (v.verb->kind != VerbEntry::Kind::kMotion) return Second::kNone;  // "blows out the match": its object
    // "rolls out the dough", "rolls up a carpet"; but "climbs out the window"
    static const Words ways_out = {"window", "door", "gate", "hatch", "entrance"};
    const NounEntry* noun = thing_at(k + 2).noun;
    const bool place = noun && (noun->category == "place" || noun->category == "structure" ||
                                noun->category == "part" || ways_out.count(noun->kin));
    return particle == "out" ? (noun && ways_out.count(noun->kin) ? Second::kNone : Second::kTorn)
           : base == "roll" && particle == "up" && !place ? Second::kTorn
                                                          : Second::kNone;
  }
  const std::string next = small->end < tokens_.size() ? tokens_[small->end].text : "";
  if (base == "burst" && particle == "out" && (next == "laughing" || next == "crying" || next == "singing")) {
    value = "burst out " + next;
    return Second::kOne;
  }
  // "runs out into the street" is a way
  static const Words ahead = {"into", "onto", "to", "toward", "towards", "across", "from", "through"};
  if (torn && !(moves && ahead.count(next))) return Second::kTorn;
  if (moves) {
    if (!kWays.count(particle)) return Second::kNone;
    value = base + " " + particle;
    return Second::kOne;
  }
  if ((base == "sit" && particle == "down") || (base == "stand" && particle == "up") ||
      (base == "kneel" && particle == "down") || (base == "curl" && particle == "up") ||
      (base == "fall" && (particle == "down" || particle == "over" || particle == "off"))) {
    value = base + " " + particle;
    return Second::kOne;
  }
  static const Words makes_another = {"out", "off", "away", "by", "aside", "on", "in"};
  return makes_another.count(particle) && !kSteady.count(base) ? Second::kTorn : Second::kNone;
}

// "falls asleep", "wakes up": two words that say one deed.
bool Reader::phrasal(size_t k) {
  static const std::map<std::string, std::string> known = {{"fall", "asleep"}, {"wake", "up"}};
  const Chunk& v = chunks_.list[k];
  const auto second = known.find(v.verb->base);
  if (second == known.end() || v.end >= tokens_.size() || tokens_[v.end].text != second->second) return false;
  if (v.negated) return true;
  for (const int doer : subjects_[k]) {
    Fact& fact = add(Kind::kAction, doer);
    fact.verb = v.verb;
    fact.value = second->first + " " + second->second;
    fact.silent = before_clause(k);
  }
  if (subjects_[k].size() == 1) events_.push_back({k, static_cast<int>(caption_.facts.size()) - 1});
  return true;
}

// "rolls up her sleeves", "blows out two of them": what moves is not who does it.
bool Reader::takes_along(size_t next) const {
  static const std::set<std::string> particles = {"up", "out", "open", "off", "over", "down"};
  static const std::set<std::string> whose = {"his", "her", "its", "their"};
  if (!at(next) || !particles.count(at(next)->text) || at(next)->end != at(next)->begin + 1) return false;
  if (kind(next + 1) == ChunkKind::kOther || kind(next + 1) == ChunkKind::kPronoun) return true;
  return kind(next + 1) == ChunkKind::kThing && at(next)->text != "down" && at(next)->text != "over" &&
         at(next)->text != "off" && whose.count(tokens_[at(next + 1)->begin].text) > 0;
}

}  // namespace drf::templates
