// Which deeds are over when the next one of a story begins, and which are no part of the one before.
#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"

namespace drf::templates {
namespace {

// Deeds that make way for the next one of their doer: "opens the window and crawls into the room".
const std::set<std::string> kMakesWay = {
    "let",    "open",    "sharpen", "unlock", "unwrap",   "unfold", "unzip",    "uncork", "unpack",
    "unroll", "enter",   "leave",   "land",   "kneel",    "stop",   "halt",     "fall",   "slip",
    "trip",   "stumble", "hatch",   "dive",   "plunge",   "reach",  "draw",     "grab",   "snatch",
    "catch",  "find",    "remove",  "board",  "mount",    "cross",  "dismount", "dig",    "pluck",
    "get",    "stand",   "sit",     "step",   "walk",     "run",    "crawl",    "climb",  "roll",
    "slide",  "ride",    "drive",   "fly",    "swim",     "jump",   "leap",     "hop",    "take",
    "put",    "pick",    "pull",    "wake",   "arrive",   "melt",   "soften",   "lift",   "fetch",
    "steal",  "tumble",  "bump",    "buckle", "unbuckle", "saddle", "blow",     "bow",    "hide"};
// ... some only with a second word or a goal: "sits down", "walks into the barn".
const std::set<std::string> kOverWithMore = {"get",  "set",  "turn",   "blow",   "stand", "sit",  "step",
                                             "walk", "run",  "crawl",  "roll",   "slide", "ride", "drive",
                                             "fly",  "swim", "pick",   "pull",   "jump",  "leap", "hop",
                                             "hang", "rise", "bounce", "arrive", "wake",  "bump"};
const std::set<std::string> kEnding = {"up",   "down",  "off",  "out",  "on",  "in",
                                       "away", "aside", "back", "open", "over"};
// Others that are over when the next one begins, which need not come of them.
const std::set<std::string> kOver = {
    "close",   "shut",   "drop",    "throw",  "toss",   "hurl",    "lock",    "cut",        "tie",
    "untie",   "fold",   "plant",   "bury",   "fill",   "empty",   "fasten",  "tear",       "rip",
    "break",   "crack",  "peel",    "stamp",  "sign",   "swallow", "light",   "extinguish", "unscrew",
    "tighten", "loosen", "dip",     "bake",   "mend",   "fix",     "repair",  "hand",       "give",
    "place",   "lay",    "set",     "load",   "unload", "sharpen", "measure", "weigh",      "build",
    "finish",  "kiss",   "collect", "gather", "switch", "turn",    "knock",   "shed",       "deliver",
    "crash",   "topple", "screw",   "zip",    "cover",  "uncover", "knead",   "sprinkle",   "slice",
    "grind",   "kick",   "hit",     "strike", "pour",   "trim",    "launch",  "rise",       "sink",
    "insert",  "attach", "wrap",    "wipe",   "sew",    "hang",    "clap"};
// What may go on beside another deed, or be a part of it.
const std::set<std::string> kBeside = {
    "smile",   "laugh",  "cry",     "shout",   "sing",    "hum",    "whistle", "look",   "stare",   "gaze",
    "watch",   "hold",   "carry",   "wear",    "nod",     "scream", "yell",    "bark",   "meow",    "roar",
    "growl",   "wait",   "stay",    "lie",     "lean",    "glow",   "shine",   "float",  "hover",   "wobble",
    "tremble", "shiver", "breathe", "think",   "listen",  "speak",  "talk",    "chat",   "whisper", "grin",
    "frown",   "blink",  "wink",    "point",   "dance",   "spin",   "wake",    "scare",  "startle", "splash",
    "spill",   "ruin",   "damage",  "hurt",    "injure",  "crash",  "reveal",  "expose", "face",    "follow",
    "chase",   "guard",  "circle",  "stand",   "hang",    "sit",    "cast",    "leave",  "gesture", "cheer",
    "sway",    "swing",  "drift",   "sparkle", "flicker", "twirl"};
// A part of the body that moves is beside whatever else is done.
const std::set<std::string> kGestures = {
    "raise", "lift",  "spread", "open", "close", "shake", "stretch", "wave", "lower", "turn", "tilt",
    "throw", "swing", "flap",   "move", "bend",  "bow",   "nod",     "clap", "snap",  "kick", "wag"};

}  // namespace

bool ClauseReader::makes_way(const Deed& deed) { return kMakesWay.count(first_word(deed.value)) > 0; }

// Whether it has an end of its own, so that of several in a list the next one comes behind it.
bool ClauseReader::finished(const Deed& deed) {
  static const std::set<std::string> once = {
      "clap",   "dive",  "yawn",       "cough",   "dismount", "bow",     "kneel",  "stop", "halt",
      "sneeze", "land",  "trip",       "stumble", "leave",    "slip",    "depart", "fall", "pause",
      "curtsy", "hatch", "somersault", "explode", "collapse", "shatter", "crumble"};
  // "pulls on his gloves, claps twice"
  return deed.ends || once.count(deed.value) > 0 || deed.value.rfind("pull on ", 0) == 0;
}

// "washes her hands, puts on gloves": not while the hands do something else.
bool ClauseReader::takes_both_hands(const Deed& deed) const {
  static const std::set<std::string> works = {"wash",   "clean", "brush", "comb",
                                              "polish", "rub",   "sew",   "knit"};
  const std::string base = first_word(deed.value);
  return deed.object >= 0 && (works.count(base) > 0 || (base == "roll" && deed.value == "roll the dice"));
}

// "rolls down a ramp, goes through a loop": what it has behind it then.
bool ClauseReader::goes_past(const Deed& deed) const {
  static const std::set<std::string> passed = {"structure", "furniture", "part",
                                               "tableware", "thing",     "vehicle"};
  const NounEntry* noun = deed.place < 0 ? nullptr : thing(deed.place).noun;
  if (deed.object >= 0 || !noun || !passed.count(noun->category)) return false;
  for (const char* way : {" down ", " up ", " through ", " over ", " across ", " past ", " under "}) {
    if (deed.value.find(way) != std::string::npos) return true;
  }
  return false;
}

// Whether the doer is done with it when what is told next begins.
bool ClauseReader::over(const Deed& deed) const {
  const std::string base = first_word(deed.value);
  if (!kOver.count(base) && !kMakesWay.count(base)) return false;
  const std::string rest = deed.value.size() > base.size() ? deed.value.substr(base.size() + 1) : "";
  const bool second = kEnding.count(first_word(rest)) > 0 || rest.find(" up") != std::string::npos;
  if (deed.object >= 0) {
    const NounEntry* noun = thing(deed.object).noun;
    if (noun && noun->category == "body") return false;
    return !kOverWithMore.count(base) || second || deed.goal || base == "take" || base == "climb" ||
           base == "put";
  }
  static const std::set<std::string> goes_on = {"on", "in"};  // "skis on", but "gets in"
  if (deed.goal || (second && (!goes_on.count(first_word(rest)) || base == "get" || base == "climb")))
    return true;
  static const std::set<std::string> alone = {
      "kneel", "land", "stop",   "halt",   "fall",   "slip",   "trip", "stumble", "hatch", "dive",
      "crash", "melt", "plunge", "topple", "tumble", "soften", "bow",  "sink",    "hide"};
  return alone.count(base) > 0;
}

// Whether it is a deed of its own, no part of the one before it.
bool ClauseReader::begins_anew(const Deed& deed) const {
  const std::string base = first_word(deed.value);
  if (base == "sit" || base == "stand" || base == "hang")
    return deed.value.rfind("sit down", 0) == 0 || deed.value.rfind("stand up", 0) == 0 || deed.object >= 0;
  static const std::set<std::string> moves = {"sail",  "ride",  "drive", "fly",  "walk",  "run",
                                              "swim",  "drift", "glide", "head", "rush",  "roll",
                                              "float", "march", "crawl", "ski",  "skate", "hop"};
  if (moves.count(base) && deed.place >= 0 && deed.value.size() > base.size()) return true;
  if (kBeside.count(base)) return base == "leave" && deed.object >= 0;
  const NounEntry* noun = deed.object < 0 ? nullptr : thing(deed.object).noun;
  if (noun && noun->category == "body") return !kGestures.count(base);
  static const std::set<std::string> ends = {"shatter", "break", "crack",    "burst", "explode",
                                             "crumble", "bow",   "collapse", "fall",  "stop"};
  const bool second =
      deed.value.size() > base.size() && kEnding.count(first_word(deed.value.substr(base.size() + 1)));
  return deed.ends || deed.goal || deed.object >= 0 || second || ends.count(base) > 0;
}

// One doer, and what is done to one thing or to those that were named: "loads boxes" is done all day.
bool ClauseReader::listed_one(const Deed& deed) const {
  if (thing(deed.subject).plural) return false;
  if (deed.object < 0) return true;
  const Thing& object = thing(deed.object);
  return !object.plural || object.determined || object.count > 0 ||
         (object.noun && object.noun->category == "clothing");
}

}  // namespace drf::templates
