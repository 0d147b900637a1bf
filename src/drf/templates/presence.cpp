// What is there, and how many, as questions.
#include <algorithm>

#include "drf/templates/rows.h"
#include "drf/templates/sentences.h"

namespace drf::templates {
namespace {

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

}  // namespace

std::string Sentences::there(const std::string& noun, bool plural, bool mass) {
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

}  // namespace drf::templates
