// What the things of a scene do by their nature.
#include <set>

#include "drf/templates/apart.h"
#include "drf/templates/physics.h"

namespace drf::templates {
namespace {

class Matter {
 public:
  Matter(const Caption& caption, const Wishes& wishes) : caption_(caption), wishes_(wishes) {}

  std::vector<QuestionPair> pairs(size_t most) {
    if (!wishes_('o')) {
      for (const Fact& fact : caption_.facts) {
        if (fact.kind == Fact::Kind::kGlobal && fact.global->question == "Is it raining?") rain();
        if (fact.negated || fact.silent || fact.phrased || fact.thing < 0) continue;
        if (fact.kind == Fact::Kind::kExists && only(fact.thing)) is_there(thing(fact.thing), fact.thing);
        if (fact.kind == Fact::Kind::kSetting && only(fact.thing)) water(thing(fact.thing));
        if (fact.kind == Fact::Kind::kAction && only(fact.thing) && !thing(fact.thing).proper) deed(fact);
      }
    }
    if (pairs_.size() > most) pairs_.resize(most);
    return std::move(pairs_);
  }

 private:
  const Thing& thing(int i) const { return caption_.things[static_cast<size_t>(i)]; }
  bool only(int i) const { return is_named_alone(caption_, i); }
  void add(const std::string& text, const std::string& twin) {
    for (const QuestionPair& pair : pairs_) {
      if (pair.text == text) return;
    }
    pairs_.push_back({text, twin});
  }

  void rain() {
    if (!wishes_.has("upward up stop end clear freez frozen painting window"))
      add("Does the rain fall downward?", "Does the rain rise upward?");
  }

  void is_there(const Thing& t, int index) {
    if (!t.noun || t.proper || t.lifeless) return;
    const std::string &kin = t.noun->kin, the = "the " + t.name;
    if (t.name == "rain") rain();
    if (t.name == "smoke" || t.name == "steam")
      add("Does " + the + " change its shape as it drifts?",
          "Does " + the + " stay rigid like a solid thing?");
    if ((kin == "fire" || kin == "campfire" || kin == "flame") &&
        !wishes_.has("freez frozen extinguish unlit out ash ashes"))
      add(t.plural ? "Do " + the + " flicker?" : "Does " + the + " flicker?",
          t.plural ? "Do " + the + " stay rigid like a solid thing?"
                   : "Does " + the + " stay rigid like a solid thing?");
    if (kin == "waterfall" && !t.plural && !wishes_.has("freez frozen ice dry"))
      add("Does the water of " + the + " flow downward?", "Does the water of " + the + " flow upward?");
    water(t);
    building(t, index);
  }

  // The sea and rivers are never quite still.
  void water(const Thing& t) {
    static const std::set<std::string> moving = {"ocean", "river", "stream", "sea", "creek"};
    if (t.plural || !t.noun || !moving.count(t.name)) return;
    if (wishes_.has("freez frozen ice icy calm still glass mirror motionless smooth serene tranquil dry "
                    "aerial distan far "
                    "underwater beneath beach dark night fog mist canyon bed empty mountain"))
      return;
    add("Does the water of the " + t.name + " move?",
        "Does the water of the " + t.name + " stay frozen in place?");
  }

  // What is built on the ground does not move.
  void building(const Thing& t, int index) {
    static const std::set<std::string> built = {
        "tower",  "skyscraper", "lighthouse", "castle",    "church", "temple", "mosque",
        "house",  "building",   "barn",       "bridge",    "wall",   "pillar", "monument",
        "statue", "greenhouse", "chimney",    "cathedral", "palace"};
    if (t.plural || !built.count(t.noun->kin) || wishes_('s') || wishes_('i') || caption_.strange) return;
    static const std::set<std::string> wrong = {"toy",   "sand",      "paper",    "card",
                                                "model", "miniature", "floating", "flying"};
    for (const std::string& word : wrong) {
      if (caption_.words.count(word)) return;
    }
    if (caption_.text.find(" with a " + t.name + " ") != std::string::npos)
      return;  // "a turtle with a house"
    for (const Fact& fact : caption_.facts) {
      const bool moved = fact.kind == Fact::Kind::kAction && fact.verb->kind != VerbEntry::Kind::kPosture &&
                         (fact.thing == index || fact.object == index);
      if (moved || fact.kind == Fact::Kind::kBecomes) return;
    }
    add("Does the " + t.name + " stay firmly in its place?", "Does the " + t.name + " bend or wobble?");
  }

  void deed(const Fact& fact) {
    const Thing& t = thing(fact.thing);
    if (!t.noun) return;
    const std::string &verb = fact.verb->base, &kin = t.noun->kin;
    const std::string who = "the " + t.name, does = t.plural ? "Do " : "Does ",
                      it = t.plural ? "they move?" : "it moves?";
    static const std::set<std::string> flutter = {"flutter", "flap", "billow"};
    static const std::set<std::string> cloth = {"flag",  "curtain", "tablecloth", "blanket", "towel",
                                                "scarf", "cape",    "cloak",      "sail",    "banner",
                                                "dress", "robe",    "skirt",      "coat"};
    const std::string last = t.name.substr(t.name.rfind(' ') + 1);
    if (flutter.count(verb) && fact.object < 0 && (cloth.count(kin) || cloth.count(last)))
      add(does + who + " bend as " + it, does + who + " stay stiff as a board?");
    static const std::set<std::string> wet = {"water", "milk", "wine",  "tea", "coffee",
                                              "juice", "oil",  "honey", "beer"};
    static const std::set<std::string> down = {"pour", "drip"};
    if (down.count(verb) && fact.object < 0 && wet.count(t.name) &&
        !wishes_.has("upward reverse space weightless"))
      add("Does " + who + " move downward?", "Does " + who + " move upward?");
    falls(fact, t);
    if (fact.object < 0 && fact.verb->kind == VerbEntry::Kind::kMotion) vehicle(t, verb);
  }

  void falls(const Fact& fact, const Thing& t) {
    static const std::set<std::string> verbs = {"fall", "topple", "tumble", "plummet"};
    const bool solid = t.noun->visible() && !t.living() && t.noun->category != "mass" &&
                       t.noun->category != "nature" && t.noun->category != "clothing" &&
                       t.noun->group != "sky";
    const std::string does = t.plural ? "Do the " : "Does the ";
    if (verbs.count(fact.verb->base) && fact.object < 0 && fact.place < 0 && solid &&
        !wishes_.has("upward reverse space weightless float hover moon underwater upside parachut"))
      add(does + t.name + " move downward while falling?", does + t.name + " move upward while falling?");
    if ((fact.value == "knock over" || fact.value == "knock down") && fact.object >= 0 && only(fact.object) &&
        !thing(fact.object).proper) {
      const Thing& hit = thing(fact.object);
      const std::string start = hit.plural ? "Do the " : "Does the ";
      add(start + hit.name + " fall when hit?", start + hit.name + " stay upright after being hit?");
    }
  }

  void vehicle(const Thing& t, const std::string& verb) {
    const std::string who = "the " + t.name;
    static const std::set<std::string> afloat = {"sail", "float", "glide", "drift", "bob", "paddle"};
    if (t.noun->category == "vehicle" && t.noun->group == "water" && t.noun->kin == "boat" &&
        afloat.count(verb) &&
        wishes_.has("=water =sea lake river canal harbor harbour ocean pond bay fjord lagoon stream") &&
        !wishes_.has("sky air cloud fly flies flying above over sink sank submerg underwater sand desert ice "
                     "frozen paper toy"))
      add((t.plural ? "Do " : "Does ") + who + " rest on the water?",
          (t.plural ? "Do " : "Does ") + who + " hover above the water?");
    static const std::set<std::string> wheeled = {"car",     "truck",      "bus",       "van",
                                                  "taxi",    "motorcycle", "ambulance", "jeep",
                                                  "bicycle", "tractor",    "carriage",  "wheelbarrow"};
    static const std::set<std::string> rolls = {"move", "roll", "race", "dash", "drive", "hurtle", "pedal"};
    if (t.noun->category == "vehicle" && wheeled.count(t.noun->kin) && rolls.count(verb) &&
        t.name != "sleigh" && t.name != "sled" && !wishes_('h') && !wishes_('g'))
      add("Do the wheels of " + who + " turn?", "Do the wheels of " + who + " stand still?");
  }

  const Caption& caption_;
  const Wishes& wishes_;
  std::vector<QuestionPair> pairs_;
};

}  // namespace

std::vector<QuestionPair> matter(const Caption& caption, const Wishes& wishes, size_t most) {
  return Matter(caption, wishes).pairs(most);
}

}  // namespace drf::templates
