// Nouns that name no thing where they stand: a measure ("drops three floors"), a color ("muted greens"), a
// taste
// ("pistachio ice cream"), a form that something takes ("shoots up in a fountain"), hair ("their shaggy
// coats").
#include <algorithm>

#include "drf/templates/lexicon.h"
#include "drf/templates/reader.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

// "drops three floors", "climbs two steps": how far
bool is_measure(const Thing& t) {
  static const Words units = {
      "floor",  "floors",  "story",  "stories", "storey", "storeys", "step",  "steps",  "foot",  "feet",
      "inch",   "inches",  "meter",  "meters",  "metre",  "metres",  "mile",  "miles",  "yard",  "yards",
      "block",  "blocks",  "length", "lengths", "lap",    "laps",    "row",   "rows",   "level", "levels",
      "rung",   "rungs",   "notch",  "notches", "square", "squares", "space", "spaces", "pace",  "paces",
      "stride", "strides", "turn",   "turns",   "degree", "degrees", "stairs"};
  return units.count(t.name) > 0;
}
const Words kGoes = {"drop",   "fall",   "climb", "rise", "jump",   "leap",    "move",  "walk",   "run",
                     "roll",   "slide",  "swim",  "fly",  "drive",  "descend", "sink",  "hop",    "skip",
                     "travel", "plunge", "crawl", "spin", "rotate", "tumble",  "sail",  "bounce", "float",
                     "skid",   "dive",   "soar",  "step", "row",    "pedal",   "march", "plummet"};

// "muted greens", "soft blues"
const Words kColors = {"reds",  "blues",   "greens",   "yellows", "oranges", "purples",   "browns", "pinks",
                       "golds", "silvers", "whites",   "blacks",  "grays",   "greys",     "teals",  "violets",
                       "tans",  "pastels", "neutrals", "creams",  "ochres",  "turquoises"};
const Words kTones = {"muted", "soft",   "warm",      "cool",        "cold",  "deep",  "rich",
                      "pale",  "dark",   "light",     "faded",       "vivid", "moody", "earthy",
                      "dusty", "bright", "saturated", "desaturated", "washed"};

const Words kTastes = {"pistachio", "vanilla", "strawberry", "chocolate", "mango",    "lemon", "raspberry",
                       "blueberry", "cherry",  "hazelnut",   "caramel",   "coconut",  "mint",  "peach",
                       "banana",    "melon",   "coffee",     "almond",    "cinnamon", "lime",  "pumpkin"};
const Words kTasted = {"ice cream", "ice-cream", "gelato",   "sorbet",  "sundae",   "milkshake",
                       "smoothie",  "yogurt",    "frosting", "icing",   "scoop",    "scoops",
                       "cupcake",   "macaron",   "flavor",   "flavour", "flavored", "flavoured"};

// "shoots up in a fountain", "bursts in a shower of sparks"
const Words kForms = {"fountain", "shower", "curtain", "ribbon", "ribbons", "column",  "carpet",
                      "blanket",  "sheet",  "sheets",  "wave",   "waves",   "cloud",   "clouds",
                      "arch",     "spray",  "rope",    "ropes",  "cascade", "tower",   "wall",
                      "pillar",   "spiral", "spirals", "tunnel", "river",   "rainbow", "stream",
                      "veil",     "crown",  "star",    "chain",  "bow",     "wreath",  "patches"};
const Words kTakesForm = {"shoot",   "spray",   "gush",  "spurt",  "erupt",  "rise",     "fall",
                          "pour",    "cascade", "spill", "burst",  "splash", "explode",  "fly",
                          "scatter", "swirl",   "drift", "billow", "break",  "collapse", "run",
                          "stream",  "foam",    "fizz",  "curl",   "unroll", "unfold",   "stretch",
                          "drip",    "brown",   "peel",  "flake",  "thaw"};

const Words kFurs = {"shaggy",  "furry",   "fluffy",   "sleek",  "glossy", "woolly", "wooly",   "silky",
                     "striped", "spotted", "brindled", "matted", "fur",    "downy",  "velvety", "curly"};
const Words kSame = {"samurai",    "ninja", "geisha", "sheep", "deer",  "fish",   "aircraft",
                     "spacecraft", "moose", "salmon", "squid", "bison", "shrimp", "trout"};

}  // namespace

void Reader::doubt_borrowed() {
  const auto word = [&](size_t i) { return i < tokens_.size() ? tokens_[i].text : std::string(); };
  const bool tasted =
      std::any_of(kTasted.begin(), kTasted.end(), [&](const auto& w) { return caption_.words.count(w) > 0; });
  const bool people = std::any_of(chunks_.things.begin(), chunks_.things.end(), [](const Thing& t) {
    return t.proper || (t.noun && t.noun->category == "person");
  });
  for (size_t k = 0; k < chunks_.list.size(); ++k) {
    if (kind(k) != ChunkKind::kThing) continue;
    const Chunk& chunk = chunks_.list[k];
    Thing& t = chunks_.things[static_cast<size_t>(chunk.thing)];
    if (t.at < chunk.begin || t.at >= chunk.end) continue;  // named before
    const auto holds = [&](const Words& words) {
      for (size_t i = chunk.begin; i < chunk.end; ++i) {
        if (words.count(word(i))) return true;
      }
      return false;
    };
    const std::string& first = tokens_[chunk.begin].text;
    const bool behind_verb = before(k) == ChunkKind::kVerb && at(k - 1)->verb;
    const bool how_far =
        t.count > 0 || first == "a" || first == "several" || first == "few" || first == "some";
    if (behind_verb && how_far && is_measure(t) && kGoes.count(at(k - 1)->verb->base)) {
      t.sure = false;
      measures_.insert(k);
    }
    if (t.plural && kColors.count(t.name.substr(t.name.rfind(' ') + 1)) &&
        (holds(kTones) || kTones.count(word(chunk.begin - 1))))
      t.sure = false;
    if (tasted && !t.plural && first != "a" && kTastes.count(t.name)) t.sure = false;
    if (k >= 2 && before(k) == ChunkKind::kPreposition && at(k - 1)->text == "in" && first != "the" &&
        kForms.count(t.name)) {
      for (size_t i = at(k - 1)->begin, n = 0; i > 0 && n < 3; --i, ++n) {  // "shoots up in", "runs down in"
        const VerbForm* form = find_verb(word(i - 1));
        if (form && kTakesForm.count(form->verb->base)) t.sure = false;
      }
    }
    static const Words owners = {"its", "their"};
    if ((t.name == "coat" || t.name == "coats") && (holds(kFurs) || (owners.count(first) && !people)))
      t.sure = false;
    if (caption_.tags && !t.determined && t.count == 0 && kSame.count(t.name)) t.sure = false;
    // "one turns, the other ducks", "used to shell peas": a verb
    const std::string last = word(chunk.end - 1);
    // "the camera dollies along", "then whips round": what a camera does
    static const Words moves = {"dollies", "whips", "cranes", "trucks", "tracks", "booms", "racks", "arcs"};
    static const Words films = {"camera", "drone", "shot", "lens"};
    static const Words ways = {"round", "around", "back", "left", "right", "up", "down", "away"};
    if (moves.count(last) &&
        (films.count(word(chunk.end - 2)) ||
         (chunk.begin + 1 == chunk.end && caption_.words.count("camera") && ways.count(word(chunk.end)))))
      t.sure = false;
    const VerbForm* deed = find_verb(last);
    const std::string next = word(chunk.end);
    const bool ends =
        chunk.end >= tokens_.size() || tokens_[chunk.end].kind == Token::Kind::kMark || function_word(next);
    if (chunk.end == chunk.begin + 3 && first == "the" && word(chunk.begin + 1) == "other" && ends &&
        ((deed && deed->third) || (find_noun(last) && !lexicon_verb(last).empty() && ends_with(last, "s"))) &&
        (caption_.words.count("one") || caption_.words.count("each")))
      t.sure = false;
    const VerbForm* order = find_verb(first);
    if (word(chunk.begin - 1) == "to" && chunk.end > chunk.begin + 1 &&
        (order ? order->base : lexicon_verb(first) == first))
      t.sure = false;
    // "fairy ligths", of which the first is no thing
    const bool slip = chunk.end < tokens_.size() && tokens_[chunk.end].kind == Token::Kind::kWord &&
                      tokens_[chunk.end].text.size() == tokens_[chunk.end].raw.size() &&
                      tokens_[chunk.end].text.substr(1) != tokens_[chunk.end].raw.substr(1);
    if (!t.determined && !t.plural && slip && find_noun(word(chunk.end))) t.sure = false;
    // "the baby's eyes close": whose is not said again
    const NounEntry* owner =
        chunk.begin >= 2 && word(chunk.begin - 1) == "'s" ? find_noun(word(chunk.begin - 2)) : nullptr;
    if (t.noun && t.noun->category == "body" && kind(k + 1) == ChunkKind::kVerb && owner && owner->living())
      t.sure = false;
  }
}

}  // namespace drf::templates
