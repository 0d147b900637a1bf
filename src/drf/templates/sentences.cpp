#include "drf/templates/sentences.h"

#include <algorithm>

#include "drf/templates/apart.h"
#include "drf/templates/rows.h"

namespace drf::templates {
namespace {

constexpr uint32_t kFactStream = 1u << 16;  // twins of facts are drawn apart from those of template sets

std::string there(const std::string& noun, bool plural, bool mass) {
  if (plural) return "Are there " + noun + "?";
  static const std::set<std::string> uncounted = {
      "furniture", "luggage",     "baggage",   "cutlery",  "silverware", "glassware", "jewelry",
      "jewellery", "machinery",   "equipment", "clothing", "scenery",    "foliage",   "footwear",
      "pottery",   "scaffolding", "lingerie",  "weaponry", "shrubbery",  "greenery",  "artwork",
      "underwear", "software",    "yarn",      "sushi",    "broccoli",   "spinach",   "asparagus",
      "celery",    "spaghetti",   "pasta",     "coral"};
  const bool none = mass || uncounted.count(noun.substr(noun.rfind(' ') + 1)) > 0;
  return "Is there " + (none ? noun : with_article(noun)) + "?";
}

// "splats on the linoleum": of which there is no "a", unless the caption has one ("eats a pastry").
bool is_stuff(const Thing& t) {
  static const std::vector<std::string> all = split(
      "linoleum vinyl parquet laminate turf plaster cement stucco tar resin putty plasticine slime polish "
      "varnish lacquer mascara eyeliner makeup make-up sunscreen lotion shampoo toothpaste detergent ink "
      "cardboard plywood styrofoam wallpaper tinfoil foil tinsel bunting pastry mousse custard icing "
      "frosting marzipan fondant nougat fudge porridge oatmeal granola muesli cereal ketchup mustard "
      "mayonnaise vinegar butter margarine yogurt yoghurt cream gelato sorbet tofu ginger wasabi cinnamon "
      "saffron turmeric paprika parsley basil cilantro coriander thyme rosemary rice couscous barley ivy "
      "moss lichen bracken kelp mildew rust soot ash rubble debris trash garbage litter rubbish straw "
      "thatch mulch compost soil dirt rhubarb risotto parmesan mozzarella cheddar feta pesto hummus "
      "guacamole salsa gravy tempeh quinoa oregano cumin wrapping packaging bedding rigging",
      ' ');
  if (t.name == "flame") return false;
  return t.mass() || (!t.one && !t.plural &&
                      std::find(all.begin(), all.end(), t.name.substr(t.name.rfind(' ') + 1)) != all.end());
}

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

// "golden light, cool colors": either may be seen.
bool Sentences::both_lights(const std::string& twin) const {
  static const std::map<std::string, std::vector<const char*>> lights = {
      {"Are the colors warm?",
       {"warm", "golden", "sunrise", "sunset", "orange", "fire", "firelight", "candle", "candlelight",
        "flame", "lava", "amber", "lantern"}},
      {"Are the colors cold?",
       {"cold", "cool", "blue", "moonlight", "moonlit", "ice", "snow", "icy", "turquoise", "neon", "night"}}};
  const auto it = lights.find(twin);
  return it != lights.end() && std::any_of(it->second.begin(), it->second.end(),
                                           [&](const char* word) { return caption_.words.count(word) > 0; });
}

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

bool Sentences::asks_camera() const {
  return std::any_of(caption_.facts.begin(), caption_.facts.end(), [](const Fact& one) {
    return one.kind == Fact::Kind::kCamera && !one.silent && one.contrast == "stay still";
  });
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
    case Fact::Kind::kSetting: {
      const Thing& t = thing(fact.thing);
      const std::string other = twins_.other_place(*t.noun, random);
      static const std::set<std::string> bare = {"outer space", "downtown", "underwater", "woods",
                                                 "woodland"};
      const std::string name = bare.count(t.name)                              ? t.name
                               : t.noun->kin == "ocean" || t.name == "seaside" ? "the " + t.name
                                                                               : with_article(t.name);
      int64_t settings = 0;
      for (size_t other_fact = 0; other_fact < caption_.facts.size(); ++other_fact) {
        const Fact& one = caption_.facts[other_fact];
        if (one.kind != Fact::Kind::kSetting) continue;
        ++settings;
        // "a highway", and then "the road"
        if (other_fact < f && thing(one.thing).noun->kin == t.noun->kin) return {};
      }
      bool parts = false;
      for (const char* word :
           {"then", "cuts", "cut", "opens", "interior", "finally", "after", "before", "travel", "travels",
            "traveling", "journey", "voyage", "adventure", "trek", "wanders", "world"})
        parts |= caption_.words.count(word) > 0;
      // "cliff edge, stormy sea": in view, not where it is set
      static const std::set<std::string> waters = {"ocean", "lake", "river"};
      parts |= caption_.tags && waters.count(t.noun->kin) > 0;
      // Where there are two, or more than one sentence, either may be the setting of a part.
      const std::string start =
          settings > 1 || caption_.sentences > 1 || parts ? "Does the video show " : "Is the setting ";
      // A story that moves on may come by any other place.
      const bool fixed = settings == 1 && !parts;
      return {start + name + "?", other.empty() || !fixed ? "" : start + other + "?"};
    }
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
      // "Is there rain?" has been asked.
      for (const Fact& one : caption_.facts) {
        if (one.kind != Fact::Kind::kExists) continue;
        const std::string& name = thing(one.thing).name;
        const std::string& asked = fact.global->question;
        if ((name == "rain" && asked == "Is it raining?") || (name == "snow" && asked == "Is it snowing?") ||
            ((name == "fog" || name == "mist") && asked == "Is it foggy?") ||
            (name == "stars" && asked == "Are there stars in the sky?"))
          return {};
      }
      if (fact.global->question == "Is it morning?") {  // "at three in the morning": at night
        for (const char* hour : {"one", "two", "three", "four", "1", "2", "3", "4"}) {
          if (caption_.text.find(" " + std::string(hour) + " in the morning") != std::string::npos) return {};
        }
      }
      if (both_lights(fact.global->twin) || light_said(fact.global->twin)) return {fact.global->question, ""};
      // "Does the camera stay still?" has been asked.
      if (fact.global->twin == "Is the camera perfectly still?" && asks_camera())
        return {fact.global->question, ""};
      {  // "steals a boat at dawn ... In the end": of a part of the day
        static const std::set<std::string> times = {
            "Is it dawn?",    "Is it sunset?",  "Is it dusk?",     "Is it night?", "Is it noon?",
            "Is it morning?", "Is it evening?", "Is it midnight?", "Is it day?",   "Is the weather stormy?"};
        if (times.count(fact.global->question) && caption_.sentences > 1 && moves_on())
          return {fact.global->question, ""};
      }
      return {fact.global->question, unless_said(fact.global->twin)};
    default:
      return {fact.value, fact.contrast};
  }
}

QuestionPair Sentences::exists(const Thing& t, RandomStream& random, TwinCount& count) {
  if (t.proper) {  // "a Christmas tree", but "Albert Einstein"
    const std::string last = t.name.substr(t.name.rfind(' ') + 1);
    const NounEntry* noun = last == t.name || last[0] < 'a' ? nullptr : find_noun(last);
    const bool one = noun && !noun->plural && noun->category != "mass" && t.name.rfind("the ", 0) != 0;
    return {"Does the video show " + (one ? with_article(t.name) : t.name) + "?", ""};
  }
  if (t.noun && t.noun->category == "place") return {"Are there " + t.name + "?", ""};
  const std::string noun = twins_.absent_noun(t, random, count);
  const bool one = t.name == "sun" || t.name == "moon";
  return {one ? "Is the " + t.name + " visible?" : there(t.name, t.plural, is_stuff(t)),
          noun.empty() ? ""
          : t.mass() && find_noun(noun)->category == "mass"
              ? there(noun, false, true)
              : there(t.plural ? plural_of(noun) : noun, t.plural,
                      !t.plural && find_noun(noun)->category == "mass")};
}

// Denied: the twin is what is not to be seen.
QuestionPair Sentences::absent(const Fact& fact) const {
  const Thing& t = thing(fact.thing);
  static const std::set<std::string> stuffs = {"furniture", "scenery", "graffiti", "writing"};
  const bool stuff = t.mass() || stuffs.count(t.name) > 0;
  const std::string some = stuff ? t.name : with_some(t);
  if (t.name == "audience") return {"Is the scene without an audience?", "Is there an audience?"};
  if (fact.object >= 0) {
    const std::string who = the(fact.object);
    if (who.empty()) return {};
    return {be(fact.object) + who + " without " + some + "?",
            t.noun->category == "clothing"
                ? be(fact.object) + who + " wearing " + some + "?"
                : (thing(fact.object).plural ? "Do " : "Does ") + who + " have " + some + "?"};
  }
  const std::string any = stuff || t.plural ? t.name : plural_of(t.name);
  return {"Is the scene free of " + any + "?", (stuff ? "Is there any " : "Are there any ") + any + "?"};
}

QuestionPair Sentences::number(const Thing& t) const {
  if (uses_.at(t.name) > 1) return {};
  // "two girls ... their friend": perhaps a third
  static const std::vector<std::string> others = {"friend",    "classmate", "teammate",
                                                  "companion", "sibling",   "stranger"};
  if (t.living() && std::any_of(others.begin(), others.end(),
                                [&](const auto& w) { return caption_.words.count(w) > 0 && t.name != w; }))
    return {};
  // "a red truck overtakes two trucks": three; but "one boy" may be of the two
  for (const Thing& other : caption_.things) {
    if (&other != &t && t.noun && other.noun && other.noun->kin == t.noun->kin && other.sure &&
        !other.negated && !other.definite && !other.plural && !t.single &&
        caption_.text.find(" one " + other.name + " ") == std::string::npos)
      return {};
  }
  // "spins the rear wheel ... four wheels on the wall": five
  for (const Thing& other : caption_.things) {
    if (&other != &t && t.plural && t.noun && other.noun && other.noun->kin == t.noun->kin && other.sure &&
        !other.negated && !other.plural && other.at < t.at)
      return {};
  }
  if (t.single)
    return {"Is there exactly one " + t.name + "?", "Are there exactly two " + plural_of(t.name) + "?"};
  const int64_t other = t.count > 2 && (index_ + t.count) % 2 == 0 ? t.count - 1 : t.count + 1;
  return {
      "Are there exactly " + number_word(t.count) + " " + t.name + "?",
      twins_.said(number_word(other)) ? "" : "Are there exactly " + number_word(other) + " " + t.name + "?"};
}

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
