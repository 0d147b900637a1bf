// Nouns that name no thing where they stand: of an idiom ("makes friends", "takes place"), or a part of a
// body that is also the name of a thing ("the boy's chest").
#include <algorithm>

#include "drf/templates/reader.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

// By the verb's base form.
const std::map<std::string, Words> kIdioms = {
    {"make",
     {"friends", "friend", "way", "room", "love", "fun", "face", "faces", "sense", "peace", "contact",
      "progress", "eye contact", "landfall", "haste", "music", "noise"}},
    {"take", {"place",    "places", "turn", "turns",  "part",  "aim",     "care",    "cover",  "flight",
              "hold",     "shape",  "root", "notice", "nap",   "step",    "steps",   "seat",   "seats",
              "position", "breath", "look", "bow",    "break", "rest",    "shelter", "charge", "stock",
              "pity",     "pride",  "time", "walk",   "ride",  "sip",     "bite",    "drink",  "stand",
              "lead",     "wing",   "fire", "heart",  "leave", "measure", "measures"}},
    {"pay", {"attention", "tribute", "homage", "respects", "visit"}},
    {"catch", {"fire", "sight", "hold", "breath", "eye", "cold", "light", "wind", "wave", "waves"}},
    {"lose",
     {"balance", "control", "grip", "way", "heart", "sight", "footing", "face", "ground", "steam", "shape",
      "form", "color", "colour"}},
    {"keep",
     {"watch", "time", "pace", "track", "guard", "company", "balance", "eye", "step", "distance", "shape",
      "form", "position", "rhythm"}},
    {"stand", {"guard", "watch", "trial", "ground"}},
    {"set", {"fire", "foot", "sail", "course"}},
    {"give", {"birth", "way", "chase", "thanks", "rise", "ground", "hand", "lift", "ride", "shake"}},
    {"hold", {"court", "breath", "sway", "ground", "watch", "shape", "form", "position", "course", "line"}},
    {"have", {"fun", "look", "way", "word", "words"}},
    {"strike", {"pose", "poses", "chord", "balance"}},
    {"open", {"fire"}},
    {"stick", {"landing"}},
    {"drop", {"guard", "hint", "subject", "act"}},
    {"lower", {"guard"}},
    {"hit", {"road", "brakes", "jackpot", "gas", "deck", "hay", "sack"}},
    {"steal", {"show", "spotlight", "scene"}},
    {"draw", {"breath", "attention", "crowd", "level", "blank"}},
    {"clear", {"throat", "way", "air"}},
    {"turn", {"corner", "page", "tables", "tide"}},
    {"kick", {"bucket"}},
    {"cross", {"paths", "path"}},
    {"change", {"hands", "places", "course", "direction", "gear", "gears"}},
    {"break", {"ranks", "ground", "camp", "cover"}},
    {"gain", {"ground", "speed", "height", "altitude"}},
    {"bear", {"fruit", "witness"}},
    {"fall", {"prey", "victim"}},
    {"play", {"tricks", "trick", "dead", "part", "host"}}};

// Behind a preposition: "around the block", "on the loose".
const std::map<std::string, Words> kTurnsOfPhrase = {
    {"around", {"block", "clock", "corner", "bend"}},
    {"down", {"block", "line", "drain"}},
    {"up", {"block", "ante"}},
    {"off", {"hook", "grid", "record", "bat"}},
    {"on",
     {"block", "house", "loose", "run", "move", "rise", "prowl", "hunt", "job", "spot", "dot", "fly", "go",
      "cards", "brink", "verge", "lookout"}},
    {"over", {"top", "hump"}},
    {"out", {"blue", "gate", "woods"}},
    {"of", {"block"}},
    {"against", {"clock"}},
    {"under", {"weather", "radar"}},
    {"by", {"book"}},
    {"in",
     {"zone", "bag", "dark", "cards", "nick", "flesh", "running", "meantime", "wings", "shape", "line"}},
    {"to",
     {"halt", "stop", "standstill", "beat", "rescue", "brim", "point", "limit", "max", "bone", "core",
      "rhythm"}}};

// Parts of a body where they are somebody's.
const Words kParts = {"chest",  "trunk",   "palm", "palms", "calf", "calves",
                      "temple", "temples", "nail", "nails", "sole"};

// "a row of books ... the last book": which of them is no question's to say.
bool one_of_those(const Thing& t, const Thing& those) {
  return t.definite && t.distinct && !t.plural && those.plural && those.sure && !those.negated && t.noun &&
         those.noun && t.noun->kin == those.noun->kin;
}

}  // namespace

void Reader::doubt_idioms() {
  for (size_t k = 0; k < chunks_.list.size(); ++k) {
    if (kind(k) != ChunkKind::kThing) continue;
    const Chunk& chunk = chunks_.list[k];
    Thing& t = chunks_.things[static_cast<size_t>(chunk.thing)];
    if (t.at < chunk.begin || t.at >= chunk.end) continue;  // named before
    static const Words whose = {"his", "her", "its", "their", "my", "your", "our", "'s"};
    const bool owned = whose.count(tokens_[chunk.begin].text) > 0 ||
                       (chunk.begin > 0 && tokens_[chunk.begin - 1].text == "'s");
    const bool of = kind(k + 1) == ChunkKind::kPreposition && at(k + 1)->text == "of" &&
                    kind(k + 2) == ChunkKind::kThing && thing_at(k + 2).living();
    if ((owned || of) && kParts.count(t.name)) t.sure = false;
    // "Sleeping Beauty", "Mark Twain": of a name of two the first is another word's, too
    if (t.proper) {
      const bool within =
          ends_with(tokens_[chunk.begin].text, "ing") && t.name.rfind(tokens_[chunk.begin].raw, 0) != 0;
      const Token* last = chunk.begin > 0 ? &tokens_[chunk.begin - 1] : nullptr;
      const bool first = chunk.begin < 2 || tokens_[chunk.begin - 2].kind == Token::Kind::kMark;
      const bool capital = last && last->kind == Token::Kind::kWord && last->raw[0] >= 'A' &&
                           last->raw[0] <= 'Z' && !function_word(last->text);
      if (within || (capital && (!first || ends_with(last->text, "ing")))) t.sure = false;
    }
    const std::string next = chunk.end < tokens_.size() ? tokens_[chunk.end].text : "";
    // "as the buzzer sounds": it is heard
    const bool heard_one =
        chunk.end + 1 < tokens_.size() && tokens_[chunk.end + 1].text == "heard";  // "sirens are heard"
    if (next == "sounds" || next == "sounding" || heard_one || t.name == "buzzer") t.sure &= t.living();
    // "FPV drone dives off a tower", "drone tour": the one that films
    static const Words films = {"fpv",         "pov",  "footage", "flythrough",
                                "fly-through", "tour", "aerial",  "shot"};
    const bool drone = t.name == "drone" || ends_with(t.name, " drone");
    if (drone &&
        std::any_of(films.begin(), films.end(), [&](const auto& w) { return caption_.words.count(w) > 0; }))
      t.sure = false;
    // "each stone", "every flower": there are several
    if (tokens_[chunk.begin].text == "each" || tokens_[chunk.begin].text == "every") t.sure = false;
    // "a serene haven", "the backdrop of the hills": how something is seen, not what
    static const Words figures = {"backdrop",  "haven",  "sanctuary", "paradise",    "wonderland",
                                  "testament", "symbol", "spectacle", "masterpiece", "bearer"};
    if (figures.count(t.name.substr(t.name.rfind(' ') + 1))) t.sure = false;
    // "a silent toy shop": silence is not seen
    static const Words heard = {"silent", "quiet", "noisy", "loud", "hushed", "soundless"};
    if (const size_t blank = t.name.find(' ');
        blank != std::string::npos && heard.count(t.name.substr(0, blank)))
      t.name.erase(0, blank + 1);
    // "puppys": a slip is not copied
    static const std::string vowels = "aeiou";
    const size_t letters = t.name.size();
    if (letters > 3 && !t.proper && ends_with(t.name, "ys") &&
        vowels.find(t.name[letters - 3]) == std::string::npos) {
      t.sure &= t.noun && t.plural;
      t.name.replace(letters - 2, 2, "ies");
    }
    // "a rocking horse": of wood
    const std::string before_it = t.at > 0 ? tokens_[t.at - 1].text : "";
    if ((t.living() || t.lifeless) && (before_it == "rocking" || before_it == "hobby")) t.sure = false;
    if (k > 0 && kind(k - 1) == ChunkKind::kPreposition && t.attributes.empty() && !t.plural) {
      const auto turn = kTurnsOfPhrase.find(at(k - 1)->text);
      const bool plain = tokens_[chunk.begin].text == "the" || !t.determined;
      if (turn != kTurnsOfPhrase.end() && plain && turn->second.count(t.name)) t.sure = false;
    }
    for (int earlier = 0; earlier < chunk.thing; ++earlier) t.sure &= !one_of_those(t, named(earlier));
    if (k == 0 || kind(k - 1) != ChunkKind::kVerb || !t.attributes.empty()) continue;
    const std::string verb = at(k - 1)->verb ? at(k - 1)->verb->base : at(k - 1)->text;
    const auto idiom = kIdioms.find(verb == "has" || verb == "having" ? "have" : verb);
    if (idiom != kIdioms.end() && idiom->second.count(t.name)) t.sure = false;
  }
}

// "with white hair and a beard": who has what stands at chunk k; -1 where that is open.
int Reader::owner_of(size_t k) const {
  size_t i = k;
  while (i >= 2 && (before(i) == ChunkKind::kAnd || before(i) == ChunkKind::kComma) &&
         kind(i - 2) == ChunkKind::kThing)
    i -= 2;
  if (i == 0) return -1;
  if (before(i) == ChunkKind::kVerb) {
    const std::string& verb = at(i - 1)->text;
    const bool has = !at(i - 1)->verb && (verb == "has" || verb == "have");
    return has && subjects_[i - 1].size() == 1 ? subjects_[i - 1][0] : -1;
  }
  if (before(i) != ChunkKind::kPreposition || at(i - 1)->text != "with") return -1;
  // "a man in a coat with white hair"
  while (i >= 4 && kind(i - 2) == ChunkKind::kThing && !thing_at(i - 2).living() &&
         kind(i - 3) == ChunkKind::kPreposition)
    i -= 2;
  return i >= 2 && kind(i - 2) == ChunkKind::kThing && thing_at(i - 2).living() && thing_at(i - 2).sure
             ? at(i - 2)->thing
             : -1;
}

}  // namespace drf::templates
