// Nouns that mean another thing beside certain words than they do in a question alone ("Is there a train?" of
// a wedding dress), and things that are only compared with ("the size of a car").
#include <algorithm>

#include "drf/templates/lexicon.h"
#include "drf/templates/reader.h"
#include "drf/templates/rows.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

// By the noun as it is read alone: the words of a prompt in which it is something else.
const std::map<std::string, Words> kOtherSenses = {
    {"train", {"gown", "dress", "bride", "bridesmaid", "veil", "robe", "cloak", "wedding"}},
    {"fork", {"trail", "path", "road", "river", "lane", "track", "signpost", "route", "bicycle", "bike"}},
    {"pen", {"sheep", "pig", "piglet", "goat", "lamb", "cow", "cattle", "farm", "puppy"}},
    {"trunk", {"elephant", "mammoth", "tree", "car", "oak"}},
    {"bank", {"river", "stream", "creek", "canal", "brook", "snow", "fog", "cloud"}},
    {"crane", {"wing", "nest", "marsh", "origami", "paper", "feather", "wetland", "bird"}},
    {"mouse", {"computer", "laptop", "keyboard", "desk", "monitor"}},
    {"jacket", {"potato", "book"}},
    {"dock", {"vacuum", "robot", "laptop", "phone", "charger"}},
    {"front", {"weather", "cold", "warm", "rain"}},
    {"hairpin", {"road", "lap", "race", "driver", "curve", "bend", "car", "bike"}},
    {"crab", {"rower", "rowers", "oar", "oars", "crew", "regatta"}},
    {"batter",
     {"whisk", "flour", "egg", "pancake", "waffle", "dough", "bowl", "pan", "cake", "tin", "baking"}},
    {"bat",
     {"baseball", "cricket", "softball", "batter", "pitcher", "umpire", "pinata",
      "pi\xC3\xB1"
      "ata"}},
    {"fan",
     {"stadium", "team", "goal", "concert", "striker", "band", "pedals", "cyclist", "race", "jersey",
      "autograph", "player", "peloton"}},
    {"landing", {"gymnast", "skater", "skateboarder", "jump", "plane", "vault", "trick"}},
    {"hook", {"boxer", "boxing", "chorus", "chin", "punch", "challenger"}},
    {"guard", {"boxer", "boxing", "fencer", "fencing", "punch", "chin", "challenger"}},
    {"queen", {"bee", "beehive", "hive", "ant", "anthill", "chess", "chessboard"}},
    {"worker", {"bee", "beehive", "hive", "ant", "anthill"}},
    {"king", {"chess", "chessboard"}},
    {"knight", {"chess", "chessboard"}},
    {"wood",
     {"crack", "carve", "carver", "chisel", "plane", "saw", "glue", "varnish", "sand", "violin", "grain",
      "knot", "nail", "polish", "plank", "carpenter", "luthier", "lathe", "workbench"}},
    {"star", {"movie", "pop", "rock", "film"}},
    {"match", {"tennis", "soccer", "football", "boxing", "referee", "team", "stadium"}},
    {"note", {"music", "singer", "pianist", "piano", "song", "saxophone"}},
    {"drill", {"soldier", "army", "fire"}},
    {"trailer", {"movie", "film", "official", "gameplay", "game", "teaser"}},
    {"seal", {"wax", "letter", "envelope", "scroll", "document", "jar"}},
    {"ring", {"challenger", "punch", "boxing", "boxer", "circus", "wrestler", "wrestling", "smoke"}},
    {"bow",
     {"ship", "boat", "vessel", "longship", "canoe", "kayak", "yacht", "ferry", "sailboat", "rowboat",
      "galleon", "barge", "deck", "stern", "mast", "gondola"}},
    {"bed", {"flower", "river", "truck", "tulip", "rose", "seed", "garden", "oyster"}},
    {"deck", {"card", "cards", "dealer", "magician"}},
    {"wing", {"hospital", "building", "palace", "mansion", "museum"}},
    {"key", {"piano", "keyboard", "typewriter", "pianist", "accordion", "organ"}},
    {"bridge", {"nose", "violin", "guitar", "tooth"}},
    {"shell", {"egg", "gun", "cannon", "tank"}},
    {"crown", {"tree", "tooth", "dentist", "oak", "watch", "wristwatch", "watchmaker"}},
    {"jam", {"traffic", "printer", "paper"}},
    {"horn", {"car", "truck", "bus"}},
    {"pitcher", {"baseball", "mound", "batter"}},
    {"diamond", {"baseball", "pitcher"}},
    {"strike", {"bowling", "bowler", "pitcher"}},
    {"spring", {"mattress", "clock", "watch", "coil", "toy", "sofa"}},
    {"mole", {"cheek", "chin", "face", "skin"}},
    {"comb", {"rooster", "hen", "honey", "bee"}},
    {"nail", {"finger", "manicure", "polish", "toe", "salon"}},
    {"palm", {"hand", "finger", "fist"}},
    {"cap", {"bottle", "mushroom", "jar", "marker", "pen"}},
    {"tongue", {"boot", "shoe", "flame", "sneaker"}},
    {"plate", {"license", "number", "armor", "tectonic"}},
    {"stage", {"rocket", "launch"}},
    {"table", {"data", "spreadsheet"}},
    {"bar", {"chocolate", "soap", "gold"}},
    {"chip", {"computer", "casino", "poker", "circuit"}},
    {"club", {"golf", "golfer", "caveman", "juggler"}},
    {"island", {"marble", "kitchen", "countertop", "stools", "penthouse", "granite"}},
    {"drum", {"lint", "dryer", "washer", "laundry", "brake", "washing machine"}},
    {"needle",
     {"pine", "fir", "spruce", "compass", "gauge", "speedometer", "dial", "ice", "larch", "conifer", "cone",
      "goldcrest"}},
    {"bulb", {"tulip", "daffodil", "garlic", "onion", "hyacinth"}},
    {"blade", {"grass", "fan", "windmill", "propeller", "helicopter", "turbine"}},
    {"pupil", {"eye", "iris", "eyelid"}},
    {"flight", {"stairs", "steps", "staircase"}},
    {"school", {"fish", "sardine", "herring"}},
    {"figurehead", {"politician"}},
    {"map", {"bug", "spawn", "spawns", "npc", "npcs", "clips", "glitch", "gameplay", "player"}},
    {"dessert",
     {"sand", "dune", "camel", "cactus", "thru", "motorbike", "motorcycle", "jeep", "oasis", "caravan",
      "sandstorm", "nomad", "buggy", "lizard", "vulture", "tumbleweed"}}};

// "the size of a car", "in the shape of a heart", "the tracks of a fox"
const Words kMeasures = {"size",  "shape",  "height", "length", "width",      "weight",    "thickness",
                         "color", "colour", "form",   "tracks", "footprints", "pawprints", "hoofprints",
                         "scent", "smell",  "sound",  "howl",   "cry",        "voice",     "song"};

}  // namespace

bool has_other_sense(const std::string& noun, const std::vector<Token>& tokens) {
  const auto other = kOtherSenses.find(noun);
  return other != kOtherSenses.end() && std::any_of(tokens.begin(), tokens.end(), [&](const Token& token) {
           return other->second.count(token.text) > 0;
         });
}

void Reader::doubt_senses() {
  const auto word = [&](size_t i) { return i < tokens_.size() ? tokens_[i].text : std::string(); };
  Words kins;
  for (const Token& token : tokens_) {
    for (const std::string& part : split(token.text, ' ')) kins.insert(part);  // compounds
    if (const NounEntry* noun = find_noun(token.text)) kins.insert(noun->kin);
  }
  for (const Chunk& chunk : chunks_.list) {
    if (chunk.kind != ChunkKind::kThing) continue;
    Thing& t = chunks_.things[static_cast<size_t>(chunk.thing)];
    if (t.at < chunk.begin || t.at >= chunk.end) continue;  // named before
    auto other = kOtherSenses.find(t.name);
    if (other == kOtherSenses.end() && t.noun) other = kOtherSenses.find(t.noun->kin);
    if (other != kOtherSenses.end() && t.name.find(' ') == std::string::npos &&
        std::any_of(other->second.begin(), other->second.end(),
                    [&](const auto& w) { return kins.count(w) > 0; }))
      t.sure = false;
    // "the anchor sits down", before the camera: who reads the news
    static const Words news = {"news", "lens", "studio", "makeup", "broadcast", "microphone", "teleprompter"};
    if (t.name == "anchor" && !caption_.words.count("ship") &&
        std::any_of(news.begin(), news.end(), [&](const auto& w) { return kins.count(w) > 0; }))
      t.noun = find_noun("presenter");
    if (word(chunk.begin) == "its" && is_a("part of a thing", t.name)) t.sure = false;  // "a lamp on its bow"
    if (chunk.begin >= 2 && word(chunk.begin - 1) == "of" && kMeasures.count(word(chunk.begin - 2)))
      t.sure = false;
    // "full of red dice": one or many
    if (word(t.at) == "dice" && word(chunk.begin) != "a" && word(chunk.begin) != "one" &&
        word(chunk.begin) != "the" && t.count == 0)
      t.sure = false;
  }
}

}  // namespace drf::templates
