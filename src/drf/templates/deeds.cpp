// What is done, to what, where and in which order, as questions.
#include <algorithm>

#include "drf/templates/sentences.h"

namespace drf::templates {

std::string Sentences::deed(const Fact& fact) const {
  if (fact.place >= 0) {
    Fact bare = fact;
    bare.place = -1;
    const std::string what = deed(bare), where = the(fact.place);
    return what.empty() || where.empty() ? "" : what + " " + fact.preposition + " " + where;
  }
  if (fact.kind == Fact::Kind::kCamera || fact.object < 0 || fact.phrased) return fact.value;
  const Thing& o = thing(fact.object);
  if (o.noun && o.noun->category == "abstract") return fact.value + " " + o.name;  // "play chess"
  if (fact.value == "play" && o.game()) return fact.value + " " + o.name;
  // "holding hands", "butt heads"
  if (o.noun && o.noun->category == "body" && o.plural && !o.determined && o.attributes.empty() &&
      o.count == 0)
    return fact.value + " " + o.name;
  const std::string object = the(fact.object);
  return object.empty() ? "" : fact.value + " " + object;
}

bool Sentences::moves_on() const {
  for (const char* word : {"then", "until", "finally", "eventually", "afterwards", "afterward", "later",
                           "end", "before", "after", "suddenly"}) {
    if (caption_.words.count(word)) return true;
  }
  return false;
}

bool Sentences::tells_more(const Fact& fact) const {
  return caption_.sentences > 1 || moves_on() ||
         std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& other) {
           return other.kind == Fact::Kind::kAction && other.thing == fact.thing &&
                  (other.verb ? other.verb->base : "") != fact.verb->base;
         });
}

// Whether the verb's contrary may be done to the object, by whom it is: smoke fills a hall and empties none.
bool Sentences::undoes(const Fact& fact) const {
  const Thing &who = thing(fact.thing), &object = thing(fact.object);
  if ((!who.living() && !who.proper) || object.proper || !object.noun) return false;
  const std::string &verb = fact.verb->base, &category = object.noun->category, &kin = object.noun->kin;
  static const std::set<std::string> lit = {"candle", "cigarette", "lantern", "lamp",  "match",     "torch",
                                            "fire",   "campfire",  "cigar",   "stove", "fireplace", "pipe"};
  // What is lifted is put down again, and what is lowered was lifted: one deed may hold its contrary.
  if (verb == "lift" || verb == "raise" || verb == "lower") return false;
  // "opens the hood, replaces the plugs": and may close it again
  if (tells_more(fact)) return false;
  for (const char* again : {"again", "repeatedly", "repeat", "twice", "times", "loop"}) {
    if (twins_.said(again)) return false;
  }
  // "fills his bottle, takes a long drink": what is filled may be emptied
  for (const char* used : {"drink", "sip", "pour", "spill", "swallow", "eat", "water", "splash", "tip"}) {
    if ((verb == "fill" || verb == "empty") && twins_.said(used)) return false;
  }
  if (verb == "fill" || verb == "empty") return category == "tableware" || object.noun->group == "carry";
  if (verb == "light" || verb == "extinguish") return lit.count(kin) > 0 || lit.count(object.name) > 0;
  if (verb == "push" || verb == "pull") return !who.plural;  // of two one may
  return !object.mass() && category != "place" && category != "nature";
}

QuestionPair Sentences::action(const Fact& fact, RandomStream& random) const {
  using VerbKind = VerbEntry::Kind;
  const Thing& who = thing(fact.thing);
  const std::string subject = the(fact.thing), what = deed(fact);
  if (subject.empty() || what.empty()) return {};
  if (fact.place >= 0 && !fact.negated) return placed(fact);
  if (!fact.manner.empty()) {
    const std::string start = (who.plural ? "Do " : "Does ") + subject + " " + what + " ";
    return {start + fact.manner + "?", start + (fact.manner == "slowly" ? "quickly?" : "slowly?")};
  }
  const bool wears = fact.verb->base == "wear";
  const std::string is = be(fact.thing) + subject + " ";
  const std::string does = (who.plural ? "Do " : "Does ") + subject + " ";
  if (fact.verb->kind == VerbKind::kPosture && who.mass()) return {};  // "fog hangs over the lake"
  const bool rain = who.name == "rain" || who.name == "snow" || who.name == "drizzle" || who.name == "hail";
  const bool there = std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& other) {
    return other.kind == Fact::Kind::kExists && other.thing == fact.thing;
  });
  if (rain && there && fact.verb->base == "fall" && fact.object < 0) return {};  // has been asked
  if (fact.verb->base == "rest" && !who.living() && fact.object < 0)
    return {};  // "the watch rests on marble"
  if (fact.negated) {
    if (!who.living() || who.proper) return {};
    if (wears && fact.object >= 0) {
      const std::string thing_worn = with_some(thing(fact.object));
      return {is + "without " + thing_worn + "?", is + "wearing " + thing_worn + "?"};
    }
    const std::string rest = (what == "lie" ? " down" : "") + what.substr(fact.verb->base.size()) + "?";
    return {does + "refrain from " + gerund(fact.verb->base) + rest, does + fact.verb->base + rest};
  }
  if (wears && fact.object >= 0) return {is + "wearing " + with_some(thing(fact.object)) + "?", ""};
  if (fact.verb->kind == VerbKind::kPosture && fact.object < 0) {
    const std::string ing =
        gerund(fact.verb->base) + (fact.verb->base == "lie" && who.living() ? " down" : "");
    std::string twin;
    // Of one who does something else as well, "kneeling" may be told of a part: before it he stood.
    const bool busy = tells_more(fact);
    // A bird that sits on a wire stands on it, too.
    static const std::set<std::string> birds = {"owl", "woodpecker", "bat", "penguin", "ostrich"};
    const bool both = who.noun && (who.noun->group == "bird" || who.noun->group == "insect" ||
                                   birds.count(who.noun->kin) > 0);
    if (!fact.verb->opposite.empty() && fact.contrast.empty() && who.living() && !busy && !both &&
        !twins_.said(fact.verb->opposite)) {
      const size_t blank = fact.verb->opposite.find(' ');
      twin = is + gerund(fact.verb->opposite.substr(0, blank)) +
             (blank == std::string::npos ? "" : fact.verb->opposite.substr(blank)) + "?";
    }
    return {is + ing + "?", twin};
  }
  QuestionPair pair = {does + what + "?", ""};
  if (fact.object >= 0) {
    const Thing& object = thing(fact.object);
    if (object.noun && object.noun->category == "body" && !object.determined) return pair;  // "lock arms"
    static const std::set<std::string> inner = {"open", "close", "fill", "empty", "unpack", "unwrap", "shut"};
    const bool box = (fact.verb->base == "fill" || fact.verb->base == "empty" || fact.verb->base == "blow") ||
                     (object.noun && object.noun->category == "shape" && inner.count(fact.verb->base));
    const std::string noun =
        object.sure && !object.proper && !box ? twins_.other_object(fact.verb->base, object, random) : "";
    if (!noun.empty()) {
      pair.twin = does + fact.value + " the " + (object.plural ? plural_of(noun) : noun) + "?";
    } else if (!fact.verb->opposite.empty() && fact.value == fact.verb->base &&
               !twins_.said(fact.verb->opposite) && undoes(fact)) {
      pair.twin = does + fact.verb->opposite + what.substr(fact.value.size()) + "?";
    }
    return pair;
  }
  static const std::set<std::string> never_sinks = {"curtain",    "curtains", "dough", "bread",
                                                    "cake",       "loaf",     "blind", "shutter",
                                                    "drawbridge", "flag",     "crowd", "steam"};
  if (fact.verb->kind == VerbKind::kMotion) {
    static const std::set<std::string> in_place = {"float", "hover", "sway", "drift", "swing", "dance"};
    bool rests = false;
    for (const char* verb : {"stop", "pause", "halt", "wait", "freeze", "stand", "sit", "stay", "rest"})
      rests |= twins_.said(verb);
    if (!in_place.count(fact.verb->base) && !rests) pair.twin = does + "stay still?";
  } else if (!fact.verb->opposite.empty() && fact.value == fact.verb->base && !comes_back() &&
             !tells_more(fact) &&  // who frowns now may smile before
             (who.living() || fact.verb->opposite != "sleep") && !never_sinks.count(who.name) &&
             !twins_.said(fact.verb->opposite)) {
    pair.twin = does + fact.verb->opposite + "?";
  }
  return pair;
}

// "Does the boy run across the bridge?"
QuestionPair Sentences::placed(const Fact& fact) const {
  static const std::map<std::string, std::string> contraries = {
      {"over", "under"},     {"under", "over"},    {"above", "below"},      {"below", "above"},
      {"up", "down"},        {"down", "up"},       {"into", "out of"},      {"out of", "into"},
      {"onto", "off"},       {"off", "onto"},      {"toward", "away from"}, {"towards", "away from"},
      {"inside", "outside"}, {"outside", "inside"}};
  const std::string start = (thing(fact.thing).plural ? "Do " : "Does ") + the(fact.thing) + " ";
  QuestionPair pair = {start + deed(fact) + "?", ""};
  Fact other = fact;
  // Nobody talks out of a microphone.
  static const std::set<std::string> towards = {"talk",  "speak", "stare",   "gaze",   "look",    "shout",
                                                "sing",  "peer",  "peek",    "lean",   "whisper", "laugh",
                                                "smile", "bark",  "howl",    "glance", "shine",   "knock",
                                                "bite",  "blow",  "whistle", "wave",   "explode", "burst"};
  auto it = contraries.find(fact.preposition);
  // Along a street nobody can tell up from down.
  static const std::set<std::string> steep = {
      "stairs", "stair",     "staircase",  "stairway",  "stairwell", "steps",     "ladder",    "hill",
      "wall",   "cliff",     "tree",       "mast",      "pole",      "mountain",  "escalator", "slide",
      "tower",  "trunk",     "chimney",    "waterfall", "dune",      "hillside",  "slope",     "mountainside",
      "rope",   "drainpipe", "stepladder", "flagpole",  "volcano",   "treetrunk", "ramp"};
  if (it != contraries.end() && (fact.preposition == "up" || fact.preposition == "down")) {
    const std::string& name = thing(fact.place).name;
    const NounEntry* noun = thing(fact.place).noun;
    if (!steep.count(name.substr(name.rfind(' ') + 1)) && !(noun && steep.count(noun->kin))) return pair;
  }
  // One dips nothing out of a bucket, and what drips onto the floor drips off none.
  static const std::set<std::string> inwards = {"dip",   "dunk",  "plunge", "sink", "stab", "press",
                                                "crash", "smash", "bump",   "slam", "melt", "soak"};
  // Eggs are cracked into a bowl, never out of it: of what moves or is moved alone the way is turned.
  static const std::set<std::string> moves = {
      "carry", "pour",  "put",  "throw", "toss", "push", "pull",   "drop",  "drag", "place", "load",
      "lead",  "kick",  "lift", "roll",  "come", "go",   "rush",   "step",  "haul", "fall",  "climb",
      "pass",  "drive", "ride", "steer", "row",  "sail", "shovel", "scoop", "blow"};
  const bool turned = fact.preposition == "into" || fact.preposition == "out of" ||
                      fact.preposition == "onto" || fact.preposition == "off";
  const NounEntry* ground = thing(fact.place).noun;
  // Over a valley or under a sky: nothing is on their other side, and nothing drops off a playground.
  static const std::set<std::string> sides = {"over", "under", "above", "below", "onto", "off"};
  static const std::set<std::string> skies = {"sky",    "skies",    "air",       "moon",  "moonlight",
                                              "sun",    "sunlight", "star",      "stars", "cloud",
                                              "clouds", "light",    "starlight", "rain"};
  const std::string& where = thing(fact.place).name;
  static const std::set<std::string> rims = {"furniture", "vehicle", "tableware",
                                             "thing",     "animal",  "clothing"};
  const bool rimless =
      (fact.preposition == "onto" || fact.preposition == "off") &&
      !(ground && (rims.count(ground->category) || ground->kin == "roof" || ground->kin == "stage"));
  const NounEntry* mover = thing(fact.thing).noun;  // waves crash over a wall, and under its top
  const bool way = fact.verb->kind == VerbEntry::Kind::kMotion || moves.count(fact.verb->base) > 0;
  const bool beyond = !ground || !way || (mover && mover->category == "nature") ||
                      ground->category == "place" || ground->category == "nature" ||
                      ground->category == "abstract" || skies.count(where.substr(where.rfind(' ') + 1)) > 0;
  const bool sideless = rimless || (beyond && sides.count(fact.preposition) > 0);
  // A wrecking ball swings into a wall and out of it.
  const bool returns = turned && (fact.verb->base == "swing" || fact.verb->base == "dive");
  const bool one_way =
      returns || (turned && fact.verb->kind != VerbEntry::Kind::kMotion && !moves.count(fact.verb->base)) ||
      (fact.preposition == "into" && inwards.count(fact.verb->base)) ||
      (fact.preposition == "onto" && ground && ground->category == "part");
  if (towards.count(fact.verb->base) || thing(fact.thing).mass() || one_way || sideless ||
      it == contraries.end())
    return pair;  // rain drips onto the hat, and off it
  other.preposition = it->second;
  pair.twin = start + deed(other) + "?";
  return pair;
}

// "Does the woman open the envelope before reading the letter?"
QuestionPair Sentences::order(const Fact& fact) const {
  const Fact& a = caption_.facts[static_cast<size_t>(fact.first)];
  const Fact& b = caption_.facts[static_cast<size_t>(fact.second)];
  const auto sentence = [&](const Fact& one, const Fact& other) -> std::string {
    const std::string who = one.kind == Fact::Kind::kCamera ? "the camera" : the(one.thing);
    const std::string whom = other.kind == Fact::Kind::kCamera ? "the camera" : the(other.thing);
    const std::string does = deed(one), did = deed(other);
    if (who.empty() || whom.empty() || does.empty() || did.empty()) return "";
    const std::string start = (thing(one.thing).plural ? "Do " : "Does ") + who + " " + does + " before ";
    const size_t blank = std::min(did.find(' '), did.size());
    const std::string verb = did.substr(0, blank), rest = did.substr(blank);
    // "... plant the bush before watering it"
    if (one.thing == other.thing && one.object >= 0 && one.object == other.object && other.place < 0 &&
        rest == " " + the(other.object) && (!one.phrased || ends_with(does, " " + thing(one.object).name)))
      return start + gerund(verb) + (thing(other.object).plural ? " them?" : " it?");
    if (one.thing == other.thing) return start + gerund(verb) + rest + "?";
    return start + whom + " " + (thing(other.thing).plural ? verb : third_person(verb)) + rest + "?";
  };
  const std::string text = sentence(a, b), twin = sentence(b, a);
  return text.empty() || twin.empty() ? QuestionPair{} : QuestionPair{text, twin};
}

}  // namespace drf::templates
