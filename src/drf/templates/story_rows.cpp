// Which deeds of a row are over when the next one begins.
#include "drf/templates/clause_words.h"
#include "drf/templates/story.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

// Over with what they are done to, or where they lead.
const Words kOver = {
    "open",     "close",    "shut",   "unlock", "lock",   "find",    "grab",    "snatch", "catch",  "steal",
    "enter",    "leave",    "reach",  "cross",  "remove", "unwrap",  "unfold",  "unzip",  "unroll", "pluck",
    "fetch",    "drop",     "toss",   "throw",  "hurl",   "kick",    "hit",     "strike", "cut",    "tie",
    "untie",    "plant",    "bury",   "fill",   "empty",  "swallow", "bite",    "crack",  "break",  "tear",
    "rip",      "peel",     "stamp",  "sign",   "board",  "mount",   "plug",    "press",  "insert", "attach",
    "clip",     "knock",    "adopt",  "buy",    "land",   "trip",    "stumble", "slip",   "fall",   "kneel",
    "dismount", "hatch",    "arrive", "wake",   "sit",    "stand",   "get",     "pick",   "put",    "take",
    "place",    "set",      "jump",   "leap",   "hop",    "climb",   "step",    "dive",   "crash",  "topple",
    "tip",      "collapse", "lose",   "win",    "dip",    "pop",     "pour",    "slam",   "lift",   "halt",
    "stop",     "smash",    "fold",   "wrap",   "light",  "dig",     "scoop",   "hide",   "shake"};
// ... only with a second word or a goal.
const Words kWithGoal = {"get",  "sit", "stand", "jump", "leap", "hop",   "climb", "step",
                         "pick", "put", "set",   "wake", "fall", "shake", "kick"};
const Words kGoals = {"up",      "down", "off",  "out", "into", "onto", "over",
                      "through", "away", "back", "on",  "in",   "from", "under"};
// What may go on beside the next deed or be a part of the one before.
const Words kBeside = {
    "smile",  "laugh",    "cry",     "shout", "sing",   "hum",   "look",  "stare",   "gaze",    "watch",
    "hold",   "carry",    "wear",    "nod",   "scream", "yell",  "bark",  "roar",    "growl",   "wait",
    "stay",   "lie",      "lean",    "glow",  "shine",  "float", "hover", "wobble",  "tremble", "speak",
    "talk",   "grin",     "frown",   "blink", "wink",   "point", "dance", "spin",    "scare",   "startle",
    "follow", "chase",    "circle",  "stand", "hang",   "sit",   "wave",  "gesture", "cheer",   "sway",
    "swing",  "drift",    "flicker", "twirl", "become", "make",  "leave", "reveal",  "keep",    "start",
    "begin",  "continue", "turn",    "raise", "lift",   "shake", "be",    "get",     "rest",    "send",
    "spread", "use",      "show",    "play",  "grow",   "land",  "hit",   "splash",  "spill",   "fill",
    "cover",  "find",     "try",     "give"};
const Words kResults = {"shatter", "burst",    "explode", "crumble", "splat", "splash", "splatter",
                        "smash",   "collapse", "bounce",  "roll",    "sink",  "snap"};

bool body(const std::string& rest) {
  static const Words his = {"his", "her", "its", "their"};
  const std::string text = rest.empty() ? "" : rest.substr(1);
  const std::string first = first_word(text);
  if (!his.count(first)) return false;
  const NounEntry* noun = find_noun(first_word(text.substr(std::min(text.size(), first.size() + 1))));
  return !noun || noun->category == "body";
}

bool goal(const std::string& rest) {
  for (const std::string& way : kGoals) {
    if ((rest + " ").find(" " + way + " ") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

bool story_deed_over(const StoryClause& clause) {
  if (!kOver.count(clause.base) || body(clause.rest)) return false;
  static const Words ends = {"up", "down", "back"};  // "sits on a fence": beside whatever else
  if (clause.base == "sit" || clause.base == "stand")
    return clause.rest.size() > 1 && ends.count(first_word(clause.rest.substr(1))) > 0;
  return !kWithGoal.count(clause.base) || goal(clause.rest);
}

bool story_deed_begins(const StoryClause& clause) {
  if (body(clause.rest)) return false;
  return kResults.count(clause.base) > 0 || (clause.takes_it && !kBeside.count(clause.base));
}

}  // namespace drf::templates
