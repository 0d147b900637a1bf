#include "drf/templates/he_or_she.h"

#include <algorithm>

#include "drf/templates/lexicon.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

const Words kHe = {"he", "him", "his", "himself"}, kShe = {"she", "her", "hers", "herself"};

// Of whom the noun does not tell it, and whose face or body is to be seen: no mask, no suit, no visor.
bool tells_nothing(const std::string& name, const NounEntry& noun) {
  static const Words covered = {"diver",  "welder",    "skydiver", "parachutist", "motorcyclist", "biker",
                                "fencer", "snorkeler", "skier",    "snowboarder", "thief",        "burglar",
                                "robber", "spy",       "baby",     "toddler",     "infant",       "newborn",
                                "twin",   "couple",    "crowd",    "choir",       "kayaker",      "rider"};
  static const Words plain = {"child",  "kid",      "student",  "tourist",    "visitor",  "traveler",
                              "person", "customer", "guest",    "traveller",  "shopper",  "commuter",
                              "camper", "jogger",   "villager", "backpacker", "passenger"};
  static const Words trades = {
      "dancer",     "chef",      "cook",         "baker",       "doctor",       "surgeon", "nurse",
      "athlete",    "runner",    "sprinter",     "gymnast",     "cyclist",      "artist",  "painter",
      "musician",   "violinist", "pianist",      "drummer",     "worker",       "builder", "barista",
      "bartender",  "potter",    "blacksmith",   "tailor",      "shepherd",     "hiker",   "climber",
      "engineer",   "scientist", "chemist",      "mechanic",    "barber",       "butcher", "referee",
      "skater",     "rower",     "astronomer",   "stylist",     "hairdresser",  "cashier", "guard",
      "coach",      "trainer",   "busker",       "janitor",     "courier",      "weaver",  "cobbler",
      "judge",      "reporter",  "presenter",    "singer",      "gardener",     "farmer",  "carpenter",
      "officer",    "boxer",     "wrestler",     "shoemaker",   "artist",       "player",  "walker",
      "apprentice", "assistant", "guitarist",    "saxophonist", "trumpeter",    "florist", "librarian",
      "teacher",    "conductor", "juggler",      "acrobat",     "magician",     "seller",  "vendor",
      "carrier",    "teenager",  "teen",         "ranger",      "zookeeper",    "guide",   "beggar",
      "merchant",   "dentist",   "photographer", "surfer",      "skateboarder", "swimmer", "archer",
      "sculptor",   "tattooist", "cellist",      "optician",    "jeweler"};
  const std::string last = name.substr(name.find_last_of(" _") + 1);
  if (covered.count(last) || is_male(last) || is_female(last)) return false;
  return noun.category == "person" && (plain.count(last) || trades.count(last));
}

class HeOrShe {
 public:
  HeOrShe(const std::vector<Token>& tokens, Caption& caption) : tokens_(tokens), caption_(caption) {}

  void run() {
    if (caption_.tags || caption_.request || changes()) return;
    const bool he = says(kHe), she = says(kShe);
    if (he == she) return;
    const Words& pronouns = he ? kHe : kShe;
    size_t at = 0;
    while (!pronouns.count(word_at(tokens_, at))) ++at;
    const int who = only_one(at, she);
    if (who < 0) return;
    const std::string name = caption_.things[static_cast<size_t>(who)].name;
    Fact& fact = caption_.facts.emplace_back();
    fact.value = "Is the " + name + (she ? " female?" : " male?");
    fact.contrast = "Is the " + name + (she ? " male?" : " female?");
  }

 private:
  bool says(const Words& words) const {
    return std::any_of(words.begin(), words.end(), [&](const auto& w) { return caption_.words.count(w); });
  }
  // Somebody who is another one for a while, or of whom the picture shows a piece alone.
  bool changes() const {
    static const Words words = {
        "becomes",  "become",   "transforms", "transform",    "disguised",  "disguise",
        "dressed",  "costume",  "mask",       "masked",       "silhouette", "shadow",
        "close-up", "closeup",  "macro",      "pov",          "drag",       "hooded",
        "veiled",   "faceless", "turned",     "first-person", "reflection", "silhouetted",
        "hazmat",   "visor",    "invisible",  "someone",      "somebody",   "everyone",
        "anyone",   "another",  "other",      "others",       "each",       "ghost"};
    if (says(words)) return true;
    return caption_.text.find(" turns into ") != std::string::npos ||
           caption_.text.find(" hands of ") != std::string::npos ||
           caption_.text.find(" from behind ") != std::string::npos;
  }
  bool is_there(int t) const {
    return std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& fact) {
      return fact.kind == Fact::Kind::kExists && fact.thing == t && !fact.silent;
    });
  }
  // The one person named before token `at`, where nobody and nothing else may be meant; or -1.
  int only_one(size_t at, bool she) const {
    int who = -1;
    for (size_t t = 0; t < caption_.things.size(); ++t) {
      const Thing& one = caption_.things[t];
      if (one.at >= at) continue;
      if (one.proper || !one.noun) return -1;
      if (she && one.noun->category == "vehicle") return -1;
      if (one.noun->living() && !one.living()) return -1;  // "a robot waiter"
      if (!one.living()) continue;
      if (who >= 0 || one.plural || one.negated || !is_there(static_cast<int>(t))) return -1;
      if (!tells_nothing(one.name, *one.noun)) return -1;
      who = static_cast<int>(t);
    }
    if (who < 0) return -1;
    const std::string last = caption_.things[static_cast<size_t>(who)].name;
    for (size_t t = 0; t < caption_.things.size(); ++t) {  // "a guard, and a guard with her dog"
      if (static_cast<int>(t) != who && caption_.things[t].name == last) return -1;
    }
    for (size_t i = 0; i < at; ++i) {
      const Token& token = tokens_[i];
      const bool head = i == 0 || tokens_[i - 1].kind != Token::Kind::kWord;
      if (token.kind != Token::Kind::kWord) continue;
      if (token.text == "robot" || token.text == "android") return -1;
      if (token.slip || word_at(tokens_, i) == "'s") return -1;
      if (!head && token.raw[0] >= 'A' && token.raw[0] <= 'Z') return -1;
      if (!function_word(token.text) && !is_plain(token.text) && lexicon_verb(token.text).empty()) return -1;
    }
    return who;
  }

  const std::vector<Token>& tokens_;
  Caption& caption_;
};

}  // namespace

void add_he_or_she(const std::vector<Token>& tokens, Caption& caption) { HeOrShe(tokens, caption).run(); }

}  // namespace drf::templates
