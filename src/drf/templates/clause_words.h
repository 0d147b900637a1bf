#pragma once
// Words that tell the second reader of a caption (clauses.h) what to ask.

#include <set>
#include <string>

namespace drf::templates {

/// "open" of "open the door"
inline std::string first_word(const std::string& text) { return text.substr(0, text.find(' ')); }

/// Said of a deed, it may not be one.
inline const std::set<std::string> kDoubts = {
    "barely",  "hardly", "scarcely", "almost", "nearly",    "seemingly",   "apparently",  "supposedly",
    "perhaps", "maybe",  "possibly", "rarely", "seldom",    "impossibly",  "practically", "virtually",
    "never",   "not",    "no",       "longer", "sometimes", "occasionally"};

/// Prepositions of what need not be there.
inline const std::set<std::string> kNotThere = {"like",   "unlike",  "than",  "for",   "about", "despite",
                                                "except", "without", "of",    "as",    "per",   "via",
                                                "before", "after",   "until", "since", "during"};

/// Where a deed is done, or what with.
inline const std::set<std::string> kWhere = {
    "out of",  "across", "through", "over",    "under",   "along",      "around",   "past",        "into",
    "onto",    "down",   "up",      "toward",  "towards", "beside",     "behind",   "in front of", "near",
    "against", "above",  "below",   "beneath", "inside",  "outside",    "off",      "from",        "to",
    "at",      "on",     "in",      "with",    "between", "underneath", "on top of"};

/// A second word that belongs to its verb.
inline const std::set<std::string> kParticles = {
    "off",      "away",      "out",     "back",     "down",   "up",      "over",  "in",     "around",
    "past",     "apart",     "forward", "together", "inside", "outside", "aside", "upward", "upwards",
    "downward", "downwards", "by",      "along",    "on",     "open",    "shut"};

/// How a deed is done, or when: said beside it, it is none of what is asked.
inline const std::set<std::string> kHow = {
    "then",    "twice",   "once",      "together", "hard",     "high", "alone",   "times", "night", "day",
    "morning", "evening", "afternoon", "moment",   "straight", "next", "finally", "slow",  "fast"};

/// Says enough wherever it is done.
inline const std::set<std::string> kAlone = {
    "bow",     "kneel", "stop",    "halt",    "sneeze",     "yawn",    "clap",  "land",
    "stumble", "trip",  "dive",    "explode", "collapse",   "shatter", "leave", "slip",
    "depart",  "fall",  "applaud", "curtsy",  "somersault", "crumble", "hatch"};

/// Small deeds that set off what is told next.
inline const std::set<std::string> kSmallDeeds = {
    "let",     "snap", "clap",  "tap",  "press", "flip",   "strike",  "push",  "kick", "pull",
    "touch",   "hit",  "prick", "drop", "throw", "toss",   "hurl",    "dip",   "poke", "slam",
    "whistle", "stab", "pop",   "wave", "light", "pierce", "squeeze", "knock", "bump", "blow"};

/// Never asked, whatever follows.
inline const std::set<std::string> kNeverAsked = {
    "be",     "have",     "wear",      "do",       "let",     "seem",    "become", "appear",  "remain",
    "stay",   "keep",     "want",      "need",     "try",     "mean",    "feel",   "look",    "start",
    "begin",  "continue", "cause",     "make",     "allow",   "help",    "lose",   "miss",    "ignore",
    "await",  "reflect",  "represent", "resemble", "include", "contain", "show",   "feature", "depict",
    "reveal", "capture",  "cast",      "create",   "form",    "evoke",   "add",    "finish",  "cease",
    "fail",   "manage",   "refuse",    "decide",   "happen",  "occur",   "exist",  "live",    "belong",
    "matter", "cost",     "last"};

/// Says nothing true without what follows.
inline const std::set<std::string> kWithRest = {
    "stick", "put",   "set",  "place",     "lay",   "take",   "get",  "give",  "bring", "send",  "lead",
    "go",    "come",  "head", "lean",      "hang",  "rob",    "tuck", "strip", "reach", "stand", "lie",
    "sit",   "point", "slip", "transform", "morph", "change", "hand", "pass",  "offer", "lend",  "serve"};

/// How a thing is, to the eye, and to be said of it as well as before it.
inline const std::set<std::string> kStates = {
    "abandoned",  "rusty",       "rusted",      "sunken",      "frozen",      "cracked",     "shattered",
    "torn",       "ripped",      "cluttered",   "painted",     "carved",      "decorated",   "overgrown",
    "flooded",    "ruined",      "crumpled",    "wrinkled",    "folded",      "closed",      "sealed",
    "broken",     "burnt",       "charred",     "scorched",    "faded",       "stained",     "dusty",
    "muddy",      "dirty",       "filthy",      "greasy",      "mossy",       "snowy",       "sandy",
    "rocky",      "grassy",      "foggy",       "misty",       "smoky",       "leafy",       "thorny",
    "hairy",      "bushy",       "curly",       "wavy",        "shaggy",      "fluffy",      "furry",
    "feathery",   "glossy",      "shiny",       "glassy",      "transparent", "translucent", "see-through",
    "hollow",     "bent",        "twisted",     "tangled",     "knotted",     "polished",    "battered",
    "dented",     "chipped",     "weathered",   "withered",    "wilted",      "ripe",        "rotten",
    "peeled",     "sliced",      "grilled",     "roasted",     "toasted",     "melted",      "boiling",
    "bubbling",   "steaming",    "smoking",     "blazing",     "burning",     "glowing",     "sparkling",
    "glittering", "flickering",  "blinking",    "spinning",    "rotating",    "swirling",    "crooked",
    "tilted",     "upside-down", "overturned",  "capsized",    "wrecked",     "crowded",     "deserted",
    "tidy",       "messy",       "untidy",      "barren",      "lush",        "striped",     "spotted",
    "checkered",  "patterned",   "embroidered", "quilted",     "woven",       "braided",     "pleated",
    "patched",    "ragged",      "sheer",       "jagged",      "pointed",     "curved",      "domed",
    "arched",     "spiral",      "circular",    "rectangular", "triangular",  "oval",        "square",
    "thatched",   "tiled",       "cobbled",     "paved",       "gilded",      "jeweled",     "jewelled",
    "inflated",   "deflated",    "drenched",    "soaked",      "soaking"};

/// What is done so from a thing is not done to what comes off it: "shakes the water from its fur".
inline const std::set<std::string> kOff = {"shake", "brush", "wipe", "scrape",
                                           "wring", "rinse", "wash", "drain"};

/// Goes on beside what is done next.
inline const std::set<std::string> kGoesOn = {
    "hold",   "carry", "wear",  "watch",  "follow", "chase", "play",    "pull",    "push",  "drag",   "ride",
    "drive",  "hug",   "guard", "lead",   "face",   "fly",   "circle",  "orbit",   "stir",  "walk",   "run",
    "swim",   "sail",  "row",   "dance",  "sing",   "sit",   "stand",   "lie",     "hang",  "float",  "glide",
    "drift",  "smile", "laugh", "cry",    "stare",  "gaze",  "hum",     "whistle", "read",  "write",  "paint",
    "knit",   "sew",   "cook",  "stroke", "pet",    "wave",  "nod",     "lean",    "crawl", "climb",  "march",
    "wander", "spin",  "roll",  "flow",   "glow",   "burn",  "shine",   "flicker", "swing", "sway",   "flap",
    "wag",    "chew",  "eat",   "drink",  "sip",    "work",  "balance", "juggle",  "rub",   "polish", "brush",
    "comb",   "clean", "wash",  "tow"};

}  // namespace drf::templates
