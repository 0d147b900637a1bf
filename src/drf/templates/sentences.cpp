#include "drf/templates/sentences.h"

#include <algorithm>

#include "drf/templates/apart.h"

namespace drf::templates {
namespace {

constexpr uint32_t kFactStream = 1u << 16;  // twins of facts are drawn apart from those of template sets

}  // namespace

Sentences::Sentences(const Caption& caption, int64_t index, uint64_t seed)
    : caption_(caption), index_(index), seed_(seed), twins_(caption) {
  // A "ball" is not told from a "red ball roll" that was not read for sure.
  for (const Thing& t : caption.things) {
    for (const Thing& other : caption.things)
      uses_[t.name] +=
          other.name == t.name || may_mean(t, other) ||
          (!other.sure && (" " + other.name + " ").find(" " + t.name + " ") != std::string::npos);
  }
}

std::string Sentences::the(int i) const {
  const Thing& t = thing(i);
  if (t.proper) return t.name;
  if (uses_.at(t.name) == 1) return "the " + t.name;
  // Of two balls the question says which.
  for (const auto& [entry, phrase] : t.attributes) {
    if (!entry || entry->kind != AttributeEntry::Kind::kColor) continue;
    int same = 0;
    for (const Thing& other : caption_.things) {
      if (other.name != t.name) continue;
      const bool colored = std::any_of(other.attributes.begin(), other.attributes.end(),
                                       [&](const auto& a) { return a.first == entry; });
      same += colored || other.attributes.empty();
    }
    if (same == 1) return "the " + phrase + " " + t.name;
  }
  return "";
}

QuestionPair Sentences::write(size_t f, TwinCount& count) {
  const Fact& fact = caption_.facts[f];
  RandomStream random(
      {seed_, Purpose::kTwins, static_cast<uint32_t>(index_), kFactStream + static_cast<uint32_t>(f)});
  switch (fact.kind) {
    case Fact::Kind::kExists:
      for (size_t before = 0; before < f; ++before) {  // "a clay pot": there is a pot
        const Fact& one = caption_.facts[before];
        if (one.kind != Fact::Kind::kExists) continue;
        const Thing &earlier = thing(one.thing), &now = thing(fact.thing);
        const bool one_of_them =
            earlier.plural && !now.plural && now.noun && earlier.name == plural_of(now.name);
        if (may_mean(now, earlier) || one_of_them) return {};  // "taxis ... a taxi"
      }
      return exists(thing(fact.thing), random, count);
    case Fact::Kind::kAbsent:
      return absent(fact);
    case Fact::Kind::kCount:
      return number(thing(fact.thing));
    case Fact::Kind::kAttribute:
      return attribute(fact, random);
    case Fact::Kind::kAction:
      return action(fact, random);
    case Fact::Kind::kPassive: {
      const std::string who = the(fact.thing);
      return {who.empty() ? "" : be(fact.thing) + who + " " + fact.value + "?", ""};
    }
    case Fact::Kind::kWears: {
      const std::string who = the(fact.thing);
      if (who.empty()) return {};
      return {be(fact.thing) + who + " wearing " + with_some(thing(fact.object)) + "?", ""};
    }
    case Fact::Kind::kDirection:
      return direction(fact);
    case Fact::Kind::kRelation:
      return relation(fact);
    case Fact::Kind::kSetting:
      return setting(f, random);
    case Fact::Kind::kCamera:
      return {"Does the camera " + fact.value + "?",
              fact.contrast.empty() ? "" : "Does the camera " + fact.contrast + "?"};
    case Fact::Kind::kBecomes: {
      const std::string who = the(fact.thing);
      if (who.empty()) return {};
      if (fact.attribute) {
        const std::string start = (thing(fact.thing).plural ? "Do " : "Does ") + who + " turn ";
        const std::string wrong = twins_.other_quality(thing(fact.thing), *fact.attribute, random);
        return {start + fact.value + "?", wrong.empty() ? "" : start + wrong + "?"};
      }
      const Thing &from = thing(fact.thing), &to = thing(fact.object);
      const std::string rest = " " + fact.verb->base + " into ";
      return {(from.plural ? "Do " : "Does ") + who + rest + with_some(to) + "?",
              from.noun && !from.proper
                  ? (to.plural ? "Do the " : "Does the ") + to.name + rest + with_some(from) + "?"
                  : ""};
    }
    case Fact::Kind::kOrder:
      return order(fact);
    case Fact::Kind::kGlobal:
      return overall(fact);
    default:
      return {fact.value, fact.contrast};
  }
}

QuestionPair Sentences::direction(const Fact& fact) const {
  const std::string subject = the(fact.thing);
  if (subject.empty()) return {};
  const bool turn = fact.value.find("clockwise") != std::string::npos;
  const std::string start =
      (thing(fact.thing).plural ? "Do " : "Does ") + subject + (turn ? " turn " : " move ");
  const bool none = comes_back() || twins_.said(fact.contrast);
  return {start + fact.value + "?", none ? "" : start + fact.contrast + "?"};
}

QuestionPair Sentences::relation(const Fact& fact) const {
  const std::string who = the(fact.thing), object = the(fact.object);
  if (who.empty() || object.empty()) return {};
  // "perched on a branch, then it flies down": under it in the end
  const bool goes = thing(fact.thing).living() && moves_on();
  // What drips into the cup is outside of it for a while.
  static const std::set<std::string> comes = {"drip",  "pour",    "drop",     "fall",   "trickle",
                                              "flow",  "spill",   "add",      "put",    "scoop",
                                              "ladle", "squeeze", "sprinkle", "splash", "take"};
  const bool arrives = fact.contrast == "outside" &&
                       std::any_of(caption_.words.begin(), caption_.words.end(), [](const auto& word) {
                         const VerbForm* form = find_verb(word);
                         return form && comes.count(form->verb->base) > 0;
                       });
  // "salt flats under a full moon", "a ramp beneath the hero's feet": nobody looks on top of these
  static const std::set<std::string> sideless = {"sky",       "skies",    "sun",      "moon",    "star",
                                                 "stars",     "cloud",    "clouds",   "rainbow", "light",
                                                 "moonlight", "sunlight", "starlight"};
  const NounEntry *what = thing(fact.thing).noun, *where = thing(fact.object).noun;
  const std::string& last = thing(fact.object).name;
  const bool no_side = sideless.count(last.substr(last.rfind(' ') + 1)) > 0 ||
                       (what && what->category == "place") ||
                       (where && (where->category == "body" || where->category == "place"));
  return {be(fact.thing) + who + " " + fact.value + " " + object + "?",
          goes || arrives || no_side ? "" : be(fact.thing) + who + " " + fact.contrast + " " + object + "?"};
}

}  // namespace drf::templates
