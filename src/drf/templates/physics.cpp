#include "drf/templates/physics.h"

#include <algorithm>
#include <set>

#include "drf/templates/apart.h"

namespace drf::templates {
namespace {

class Physics {
 public:
  Physics(const Caption& caption, const Wishes& wishes) : caption_(caption), wishes_(wishes) {}

  std::vector<QuestionPair> pairs() {
    std::vector<QuestionPair> pairs;
    // Of a scene in which anything may happen these are not certain.
    const bool calm = wishes_.calm();
    if (calm && !wishes_('s'))
      pairs.push_back(
          {"Do the objects keep their shape and color?", "Does an object change its shape or color?"});
    if (calm && !wishes_('m')) pairs.push_back({"Is the motion smooth?", "Does anything flicker or jitter?"});
    if (calm && !wishes_('e'))
      pairs.push_back(
          {"Does every object stay in existence?", "Does an object appear from nowhere or vanish?"});
    bool gravity = false, contact = false, limbs = false;
    static const std::set<std::string> apart = {"pass",       "race",    "chase", "follow",
                                                "photograph", "film",    "greet", "befriend",
                                                "examine",    "inspect", "trail"};
    static const std::set<std::string> falls = {"fall", "drop", "bounce", "tumble", "pour", "drip"};
    for (const Fact& fact : caption_.facts) {
      if (fact.negated || fact.silent || fact.phrased) continue;
      if (fact.kind == Fact::Kind::kAction) {
        gravity |= falls.count(fact.object < 0 ? fact.verb->base : fact.value) > 0;
        limbs |= has_limbs(fact.thing) && moves_limbs(*fact.verb);
        contact |=
            fact.object >= 0 && solid(fact.object) && solid(fact.thing) && !apart.count(fact.verb->base);
        demanded(fact, pairs);
      }
      if (fact.kind == Fact::Kind::kRelation &&
          (fact.value == "on" || fact.value == "on top of" || fact.value == "in"))
        contact |= solid(fact.thing) && solid(fact.object);
    }
    if (gravity && !wishes_('g'))
      pairs.push_back({"Do objects fall as gravity demands?", "Does anything float that should fall?"});
    if (contact && !wishes_('t'))
      pairs.push_back(
          {"Do objects touch one another without merging?", "Do objects pass through one another?"});
    identity(pairs);
    if (limbs && !wishes_('l'))
      pairs.push_back({"Do the limbs move naturally?", "Are there missing or extra limbs?"});
    for (const QuestionPair& pair : matter(caption_, wishes_, pairs.empty() ? 3 : 2)) pairs.push_back(pair);
    if (pairs.empty() && grounded())
      pairs.push_back({"Do heavy things stay on the ground or on what holds them up?",
                       "Does a heavy thing hang in the air without support?"});
    if (pairs.empty())
      pairs.push_back({"Does the motion suit the scene?", "Is the motion out of place in the scene?"});
    return pairs;
  }

 private:
  const Thing& thing(int i) const { return caption_.things[static_cast<size_t>(i)]; }
  bool only(int i) const { return is_named_alone(caption_, i); }
  static bool moves_limbs(const VerbEntry& verb) {
    static const std::set<std::string> still = {
        "stare",   "gaze", "watch", "look",  "read",   "smile",  "talk",      "speak", "sing",
        "whisper", "cry",  "laugh", "blink", "wink",   "snore",  "think",     "drift", "glide",
        "hum",     "wear", "roll",  "slide", "bark",   "meow",   "yawn",      "shout", "frown",
        "grin",    "hold", "weep",  "sob",   "giggle", "vanish", "disappear", "glow"};
    return verb.kind != VerbEntry::Kind::kPosture && verb.kind != VerbEntry::Kind::kLight &&
           !still.count(verb.base);
  }
  bool solid(int i) const {
    const Thing& t = thing(i);
    return t.proper ||
           (t.noun && t.noun->visible() && t.noun->category != "mass" && t.noun->category != "nature");
  }
  // "a toy car": it rolls on its wheels
  static bool wheeled(const std::string& name) {
    const std::string last = name.substr(name.rfind(' ') + 1);
    const NounEntry* noun = find_noun(last);
    static const std::set<std::string> others = {"suitcase",   "stroller", "wheelchair", "chair",
                                                 "skateboard", "pram",     "trolley",    "cart",
                                                 "luggage",    "scooter",  "bed",        "bin"};
    return (noun && (noun->category == "vehicle" || others.count(noun->kin) > 0)) || others.count(last) > 0;
  }
  bool has_limbs(int i) const {
    const Thing& t = thing(i);
    if (t.proper) return true;
    if (!t.noun) return false;
    static const std::set<std::string> groups = {"plain", "trade", "pet", "farm", "savanna", "forest"};
    static const std::set<std::string> bare = {"goldfish", "bat", "twin"};
    return t.noun->living() && groups.count(t.noun->group) > 0 && !bare.count(t.noun->kin);
  }

  // Nothing flies, jumps, is thrown or hangs, as far as the words say.
  bool grounded() const {
    return !wishes_('g') && !wishes_('i') && !wishes_('o') &&
           !wishes_.has(
               "jump leap hop throw threw toss fall fell drop lift rais hang hung hoist swing climb explo "
               "kick "
               "bounc launch shoot catapult flip somersault acrobat trapez juggl danc diver dives diving "
               "skateboard surf ski bird butterfl =bee =bees insect kite plane helicopter drone rocket =over "
               "above =sky =air =cloud =clouds planet bubble spark ember puppet marionette cable chandelier "
               "suspend dangl coaster");
  }

  // People, animals and vehicles stay who and what they are.
  void identity(std::vector<QuestionPair>& pairs) const {
    size_t most = pairs.size() + 2;
    for (const Fact& fact : caption_.facts) {
      if (fact.kind != Fact::Kind::kExists || pairs.size() == most) continue;
      const Thing& t = thing(fact.thing);
      if (!only(fact.thing)) continue;
      if (t.proper) {
        if (!wishes_('v') && acts(fact.thing))
          pairs.push_back({"Does " + t.name + " stay the same person throughout the video?",
                           "Does " + t.name + " turn into someone else?"});
        continue;
      }
      if (!t.noun || is_group(t) || t.name.rfind("baby ", 0) == 0) continue;  // babies grow
      const bool person = t.noun->category == "person" && t.noun->group != "figure" && !t.lifeless;
      if (wishes_(person ? 'v' : 'i')) continue;
      if (!t.noun->living() && t.noun->category != "vehicle") continue;
      if (t.plural) {
        pairs.push_back({"Do the " + t.name + " stay " + t.name + " throughout the video?",
                         "Do the " + t.name + " turn into something else?"});
        continue;
      }
      pairs.push_back({"Does the " + t.name + " stay the same " + t.name + " throughout the video?",
                       "Does the " + t.name + " turn into something else?"});
    }
  }

  bool comes_to_nothing() const {
    for (const char* words : {" up into ", " apart ", " into light ", " into sparks ", " into dust ",
                              " into smoke ", " into mist ", " into water ", " into foam ", " into ash ",
                              " into sand ", " into particles ", " into pixels "}) {
      if (caption_.text.find(words) != std::string::npos) return true;
    }
    return false;
  }

  // A name that does what only the living do is no town's.
  bool acts(int i) const {
    return std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& fact) {
      return fact.kind == Fact::Kind::kAction && fact.thing == i && fact.verb->living;
    });
  }

  // What the scene demands of what happens.
  void demanded(const Fact& fact, std::vector<QuestionPair>& pairs) const {
    if (!only(fact.thing) || thing(fact.thing).proper) return;
    const std::string who = "the " + thing(fact.thing).name;
    const bool many = thing(fact.thing).plural;
    const std::string& verb = fact.verb->base;
    static const std::set<std::string> steps = {"walk", "run", "jog", "trot", "gallop", "march", "sprint"};
    if (steps.count(verb) && has_limbs(fact.thing) && !wishes_('l') && !wishes_('h')) {
      pairs.push_back({"Do the legs of " + who + " move?", "Do the legs of " + who + " stay still?"});
      if (thing(fact.thing).noun->category == "person" && !wishes_('g') && !wishes_('o'))
        pairs.push_back(
            {"Do the feet of " + who + " meet the ground?",
             std::string(many ? "Do " : "Does ") + who + " glide along without moving the feet?"});
    }
    if (verb == "roll" && fact.object < 0 && solid(fact.thing) && !thing(fact.thing).living() &&
        thing(fact.thing).noun->category != "vehicle" && !wheeled(thing(fact.thing).name))
      pairs.push_back(
          {std::string(many ? "Do " : "Does ") + who + (many ? " turn as they roll?" : " turn as it rolls?"),
           std::string(many ? "Do " : "Does ") + who + " slide without turning?"});
    if (verb == "melt" && fact.object < 0)
      pairs.push_back({std::string(many ? "Do " : "Does ") + who +
                           (many ? " lose their shape as they melt?" : " lose its shape as it melts?"),
                       std::string(many ? "Do " : "Does ") + who + " stay firm and whole?"});
    // "breaks up into sparks": nothing is left that might be broken
    if ((verb == "break" || verb == "shatter") && fact.value == verb && fact.object < 0 &&
        solid(fact.thing) && !thing(fact.thing).living() && !comes_to_nothing() && !wishes_('r'))
      pairs.push_back({std::string(many ? "Do " : "Does ") + who + " stay broken after breaking?",
                       std::string(many ? "Do " : "Does ") + who + " become whole again after breaking?"});
    if (fact.object < 0) return;
    const Thing& object = thing(fact.object);
    if (!only(fact.object) || object.proper || !object.noun) return;
    if (verb == "pour" && object.mass() && object.noun->group == "drink" && !wishes_('g'))
      pairs.push_back(
          {"Does the " + object.name + " flow downward?", "Does the " + object.name + " flow upward?"});
    if ((verb == "ride" || verb == "drive") && !object.plural && !wishes_('h') && !wishes_('g') &&
        (object.noun->kin == "bicycle" || object.noun->kin == "motorcycle" || object.noun->kin == "car"))
      pairs.push_back({"Do the wheels of the " + object.name + " turn?",
                       "Do the wheels of the " + object.name + " stand still?"});
  }

  const Caption& caption_;
  const Wishes& wishes_;
};

}  // namespace

std::vector<QuestionPair> physics(const Caption& caption, const Wishes& wishes) {
  return Physics(caption, wishes).pairs();
}

}  // namespace drf::templates
