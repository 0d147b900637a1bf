// Who is alone, or the only person, and which lamps and screens are off.
#include <algorithm>

#include "drf/templates/reader.h"

namespace drf::templates {
namespace {

// What is no living being, and looks or acts like one.
bool is_figure(const NounEntry* noun) {
  static const std::set<std::string> figures = {"ghost",    "robot",   "puppet",    "doll",
                                                "statue",   "snowman", "shadow",    "alien",
                                                "skeleton", "figure",  "scarecrow", "zombie"};
  return noun && figures.count(noun->kin) > 0;
}

}  // namespace

// Whether "the dog" is this thing and no other.
bool Reader::unmistakable(int t) const {
  const std::string& name = named(t).name;
  for (size_t other = 0; other < chunks_.things.size(); ++other) {
    const std::string& its = chunks_.things[other].name;
    if (static_cast<int>(other) != t &&
        (its == name || ends_with(its, " " + name) || ends_with(name, " " + its)))
      return false;
  }
  return named(t).sure && !named(t).negated && !named(t).proper;
}

// Whether anybody else than thing t is named, or spoken of.
bool Reader::others_than(int t) const {
  static const std::set<std::string> words = {
      "crowd",   "crowded", "people",    "others", "friends", "friend",   "someone", "somebody", "everyone",
      "another", "each",    "everybody", "both",   "group",   "audience", "crew",    "couple",   "together",
      "who",     "partner", "parents",   "family", "rest",    "team",     "alive",   "until",    "joins"};
  for (const std::string& w : words) {
    if (caption_.words.count(w)) return true;
  }
  for (size_t other = 0; other < chunks_.things.size(); ++other) {
    const Thing& one = chunks_.things[other];
    if (static_cast<int>(other) == t || one.negated) continue;
    const NounEntry* noun = one.noun ? one.noun : find_noun_beside(one.name.substr(one.name.rfind(' ') + 1));
    if (one.proper || one.living() || !noun || noun->living() || is_figure(noun)) return true;
  }
  return false;
}

// "A puppet sits alone on a barrel", "the man is alone", where the prompt has nobody else.
void Reader::alone(size_t k) {
  const Chunk& v = chunks_.list[k];
  size_t i = v.text == "alone" ? v.end - 1 : v.end;
  if (word_at(tokens_, i) == "all") ++i;
  if (word_at(tokens_, i) != "alone" || word_at(tokens_, i + 1) == "with" || v.negated || v.modal ||
      v.infinitive || subjects_[k].size() > 1 || before_clause(k))
    return;
  // "a puppet sits alone": no living being
  const bool begins = k > 0 && kind(k - 1) == ChunkKind::kThing &&
                      (before(k - 1) == ChunkKind::kEnd || before(k - 1) == ChunkKind::kComma);
  if (subjects_[k].empty() && !begins) return;
  const int t = subjects_[k].empty() ? chunks_.list[k - 1].thing : subjects_[k][0];
  const Thing& who = named(t);
  static const std::set<std::string> deeds = {"sit", "stand", "walk",  "lie",    "eat",  "dance", "wait",
                                              "row", "sail",  "kneel", "wander", "play", "swim",  "drink"};
  const bool is = !v.verb && (v.auxiliary == "is" || v.auxiliary == "are");
  if (who.plural || !(who.living() || is_figure(who.noun)) || !unmistakable(t) || others_than(t) ||
      (!is && (!v.verb || !deeds.count(v.verb->base))))
    return;
  Fact& fact = add(Kind::kPlain, t);
  fact.value =
      is ? "Is the " + who.name + " alone?" : "Does the " + who.name + " " + v.verb->base + " alone?";
  fact.contrast = "Is anybody with the " + who.name + "?";
}

// "a man on a bench, no one else around": he is the only one.
void Reader::nobody_else() {
  static const std::set<std::string> others = {"people", "person", "persons", "humans", "human"};
  static const std::set<std::string> here = {"",         "around",  "there",  "nearby",
                                             "anywhere", "present", "visible"};
  for (size_t i = 0; i + 1 < tokens_.size(); ++i) {
    const std::string& first = word_at(tokens_, i);
    const bool none =
        first == "no" && ((word_at(tokens_, i + 1) == "other" && others.count(word_at(tokens_, i + 2))) ||
                          (word_at(tokens_, i + 1) == "one" && word_at(tokens_, i + 2) == "else"));
    if (!none && (first != "nobody" || word_at(tokens_, i + 1) != "else")) continue;
    size_t n = i + (none ? 3 : 2);
    n += word_at(tokens_, n) == "is" || word_at(tokens_, n) == "are";
    const bool in_sight = word_at(tokens_, n) == "in" &&
                          (word_at(tokens_, n + 1) == "sight" || word_at(tokens_, n + 1) == "view");
    if (!in_sight && !here.count(word_at(tokens_, n))) continue;
    std::set<std::string> persons;  // "a man and a woman talk", however they are read
    for (size_t k = 0; k < i; ++k) {
      const NounEntry* noun = find_noun(word_at(tokens_, k));
      if (noun && noun->category == "person") persons.insert(word_at(tokens_, k));
    }
    if (persons.size() > 1) return;
    int who = -1;
    for (size_t t = 0; t < chunks_.things.size(); ++t) {
      const Thing& one = chunks_.things[t];
      const NounEntry* noun =
          one.noun ? one.noun : find_noun_beside(one.name.substr(one.name.rfind(' ') + 1));
      if (one.negated || one.at > i) continue;
      if (one.proper || !noun || is_figure(noun) || (noun->category == "person" && (who >= 0 || one.plural)))
        return;
      if (noun->category == "person") who = static_cast<int>(t);
    }
    static const std::set<std::string> several = {"team", "crowd", "couple", "family",
                                                  "band", "crew",  "class"};
    if (who < 0 || !unmistakable(who) || several.count(named(who).name)) return;
    Fact& fact = add(Kind::kPlain, who);
    fact.value = "Is the " + named(who).name + " the only person in the video?";
    fact.contrast = "Are there several people?";
    return;
  }
}

// "no people except the guard": he is the only one.
void Reader::only_person() {
  for (size_t i = 0; i + 3 < tokens_.size(); ++i) {
    const bool none = word_at(tokens_, i) == "no" &&
                      (word_at(tokens_, i + 1) == "people" || word_at(tokens_, i + 1) == "humans" ||
                       word_at(tokens_, i + 1) == "one" || word_at(tokens_, i + 1) == "person");
    if (!none && word_at(tokens_, i) != "nobody") continue;
    size_t n = i + (none ? 2 : 1);
    const std::string& except = word_at(tokens_, n);
    if (except == "other" && word_at(tokens_, n + 1) == "than")
      n += 2;
    else if (except == "apart" && word_at(tokens_, n + 1) == "from")
      n += 2;
    else if (except == "except" || except == "but" || except == "besides")
      n += word_at(tokens_, n + 1) == "for" ? 2 : 1;
    else
      continue;
    if (word_at(tokens_, n) != "the" && word_at(tokens_, n) != "a" && word_at(tokens_, n) != "one") continue;
    for (const Chunk& chunk : chunks_.list) {
      if (chunk.kind != ChunkKind::kThing || chunk.begin > n + 1 || chunk.end <= n + 1) continue;
      const Thing& who = named(chunk.thing);
      const std::string next = word_at(tokens_, chunk.end);
      if (!next.empty() && next != "and" && next != "in" && next != "on") return;
      if (!who.noun || who.noun->category != "person" || who.plural || !unmistakable(chunk.thing)) return;
      for (const Thing& other : chunks_.things) {
        static const std::set<std::string> where = {"in", "near", "from", "over", "outside", "at"};
        const bool town = other.proper && other.at > 0 && where.count(word_at(tokens_, other.at - 1)) > 0;
        const bool person = (other.proper && !town) || (other.noun && other.noun->category == "person");
        if (&other != &who && person && !other.negated && other.name != "people" && other.name != "humans")
          return;
      }
      Fact& fact = add(Kind::kPlain, chunk.thing);
      fact.value = "Is the " + who.name + " the only person in the video?";
      fact.contrast = "Are there several people?";
      return;
    }
  }
}

// "the television isn't on", "the lights are off"
void Reader::switched(size_t k) {
  const Chunk& v = chunks_.list[k];
  const size_t at = v.text == "off" || v.text == "on" ? v.end - 1 : v.end;
  const std::string now = word_at(tokens_, at), next = word_at(tokens_, at + 1);
  if (v.verb || v.modal || (v.auxiliary != "is" && v.auxiliary != "are") || (now != "on" && now != "off") ||
      !(next.empty() || next == "and" || next == "but") || subjects_[k].size() != 1 || before_clause(k))
    return;
  static const std::set<std::string> devices = {
      "television", "tv",        "screen",        "monitor",     "lamp",       "light",
      "spotlight",  "headlight", "lantern",       "streetlight", "floodlight", "laptop",
      "computer",   "projector", "traffic light", "flashlight",  "chandelier", "street lamp",
      "sign",       "torch",     "display",       "tablet",      "headlamp",   "searchlight"};
  static const std::vector<std::string> changes = {
      "then",  "until",  "till",    "suddenly", "finally",  "later", "first", "before",
      "after", "when",   "anymore", "switch",   "switches", "turn",  "turns", "flash",
      "blink", "blinks", "flashes", "again",    "flickers", "goes",  "go",    "comes",
      "come",  "starts", "again",   "almost",   "if"};
  for (const std::string& w : changes) {
    if (caption_.words.count(w)) return;
  }
  const int t = subjects_[k][0];
  const Thing& what = named(t);
  const std::string last = what.name.substr(what.name.rfind(' ') + 1);
  const std::string one = ends_with(last, "s") ? last.substr(0, last.size() - 1) : last;
  if (!devices.count(one) || !unmistakable(t)) return;
  const bool off = (now == "off") != v.negated;
  const std::string start = (what.plural ? "Are the " : "Is the ") + what.name;
  Fact& fact = add(Kind::kPlain, t);
  fact.value = start + (off ? " off?" : " on?");
  fact.contrast = start + (off ? " on?" : " off?");
}

}  // namespace drf::templates
