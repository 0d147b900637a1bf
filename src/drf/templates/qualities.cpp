// How a thing looks, as a question.
#include <algorithm>

#include "drf/templates/apart.h"
#include "drf/templates/sentences.h"

namespace drf::templates {
namespace {

// Whether a color is part of what a thing is called.
bool names_kind(const Thing& t, const AttributeEntry& color) {
  if (!t.noun) return false;
  if (t.noun->category == "person" && t.noun->group != "figure")
    return color.phrase != "blonde" && color.phrase != "blond";
  // "a lavender field", "peach ice cream": what grows there, what it tastes of
  static const std::set<std::string> plants = {"lavender", "rose",      "violet", "lilac", "peach",
                                               "olive",    "mustard",   "cherry", "plum",  "salmon",
                                               "chestnut", "chocolate", "mint",   "lime"};
  static const std::set<std::string> of_them = {"place", "nature", "food"};
  if (plants.count(color.phrase) && of_them.count(t.noun->category)) return true;
  static const std::set<std::string> kinds = {
      "panda", "bear", "whale",  "shark", "fox",   "wolf",    "squirrel", "rhinoceros",
      "wine",  "tea",  "coffee", "bread", "onion", "cabbage", "orca",     "chocolate",
      "eagle", "rat",  "beer",   "grape", "deer",  "star",    "planet"};
  return kinds.count(t.noun->kin) > 0;
}

}  // namespace

QuestionPair Sentences::attribute(const Fact& fact, RandomStream& random) const {
  const Thing& t = thing(fact.thing);
  if (!fact.attribute) {  // two colors
    return uses_.at(t.name) > 1 ? QuestionPair{}
                                : QuestionPair{be(fact.thing) + "the " + t.name + " " + fact.value + "?", ""};
  }
  const AttributeEntry& entry = *fact.attribute;
  using Kind = AttributeEntry::Kind;
  // "a black woman", "a red panda", "white wine": not the color that the eye sees
  if (entry.kind == Kind::kColor && names_kind(t, entry)) return {};
  std::string wrong = twins_.other_quality(t, entry, random);
  const bool place = t.noun && t.noun->category == "place", seat = t.noun && t.noun->category == "furniture";
  if (!fact.contrast.empty()) wrong = fact.contrast;
  static const std::set<std::string> flows = {"river",    "stream", "waterfall", "creek", "brook",
                                              "fountain", "canal",  "water",     "lake",  "sea"};
  if (entry.phrase == "frozen" && t.noun && !flows.count(t.noun->kin)) wrong.clear();  // a flowing steppe
  if (entry.phrase == "empty" && (place || seat)) wrong = place && !twins_.said("crowded") ? "crowded" : "";
  // A quality of no such thing: a "full moon" is not one that is full, a "long coat" may be judged.
  if (entry.kind == Kind::kPair && (t.living() ? entry.opposite : entry.opposite_of_things).empty())
    return {};
  if (entry.kind == Kind::kMaterial &&
      (t.living() || t.mass() || (t.noun && (t.noun->category == "food" || t.noun->category == "person"))))
    return {};
  if (entry.phrase == "open" || entry.phrase == "closed" || entry.phrase == "full" ||
      entry.phrase == "empty" || entry.phrase == "burning") {
    static const std::set<std::string> can = {
        "door",   "window", "book", "suitcase", "envelope", "chest", "drawer", "cupboard", "umbrella",
        "basket", "bag",    "cup",  "glass",    "bottle",   "bowl",  "plate",  "bucket",   "jar",
        "vase",   "beaker", "mug",  "jug",      "box",      "crate", "gate"};
    // where somebody or something would be: nobody sits in it, nothing lies there
    static const std::set<std::string> holds = {
        "wheelchair", "swing",    "seat",   "stage",    "platform", "saddle",   "hammock",  "stroller",
        "pram",       "cradle",   "cage",   "birdcage", "nest",     "bus",      "carriage", "canoe",
        "gondola",    "cockpit",  "crib",   "pool",     "bathtub",  "aquarium", "pan",      "pot",
        "tray",       "shelf",    "fridge", "cart",     "wagon",    "pedestal", "cabin",    "elevator",
        "lift",       "corridor", "throne", "deck"};
    const std::string last = t.name.substr(t.name.rfind(' ') + 1);
    const bool vacant =
        entry.phrase == "empty" && t.noun &&
        (place || seat || holds.count(t.noun->kin) || holds.count(last) ||
         (t.plural && (last == "seats" || last == "swings" || last == "chairs" || last == "shelves")));
    // "steps into an empty gondola"
    const bool taken = vacant && !place && !can.count(t.noun->kin) && t.noun->category != "tableware" &&
                       std::any_of(caption_.things.begin(), caption_.things.end(),
                                   [](const Thing& other) { return other.living() && !other.negated; });
    for (const char* word :
         {"into", "onto", "enters", "enter", "boards", "board", "fills", "fill", "mounts"}) {
      if (taken || (vacant && !place && caption_.words.count(word))) return {};
    }
    if (!t.noun || (!can.count(t.noun->kin) && !vacant)) return {};
    if (vacant && !place && !can.count(t.noun->kin)) wrong.clear();
  }
  if ((entry.phrase == "short" || entry.phrase == "long") && t.living()) return {};
  if ((entry.phrase == "busy" || entry.phrase == "crowded" || entry.phrase == "deserted") && !place)
    return {};
  if (t.noun && t.noun->category == "part" && entry.kind != Kind::kColor) return {};
  if (t.name == "back" || t.name == "front" || t.name == "side") return {};
  // "Does the doctor have white hair?", where there is another one who may have hair
  if (t.noun && t.noun->category == "body" && may_be_of_another(caption_, t)) {
    const std::string whose = fact.object < 0 ? "" : the(fact.object);
    if (whose.empty()) return {};
    if (entry.kind == Kind::kMaterial) return {};  // "a wooden leg"
    const std::string start = (thing(fact.object).plural ? "Do " : "Does ") + whose + " have ";
    const auto what = [&](const std::string& quality) {
      const std::string words = quality + " " + t.name;
      return (t.plural || !t.determined ? words : with_article(words)) + "?";
    };
    return {start + what(fact.value), wrong.empty() ? "" : start + what(wrong)};
  }
  // Of two balls the question must say which: "Is there a red ball?"
  if (uses_.at(t.name) > 1) {
    for (const Thing& other : caption_.things) {
      const bool colored = std::any_of(other.attributes.begin(), other.attributes.end(), [](const auto& a) {
        return a.first && a.first->kind == Kind::kColor;
      });
      if (&other != &t && (other.name == t.name || may_mean(t, other)) && !colored) wrong.clear();
    }
    if (entry.kind != Kind::kColor || t.noun == nullptr || t.noun->category == "body") return {};
    return {there(fact.value + " " + t.name, t.plural, t.mass()),
            wrong.empty() ? "" : there(wrong + " " + t.name, t.plural, t.mass())};
  }
  const std::string start = be(fact.thing) + "the " + t.name + " ";
  return {start + fact.value + "?", wrong.empty() ? "" : start + wrong + "?"};
}

}  // namespace drf::templates
