// Which things a caption says are there, how many, how they look, and where it is set.
#include <algorithm>

#include "drf/templates/lexicon.h"
#include "drf/templates/reader.h"

namespace drf::templates {

bool Reader::named_before(size_t k) const {
  const Thing& t = thing_at(k);
  if (!t.definite || t.distinct || t.plural || !t.attributes.empty() || !t.noun || t.proper) return false;
  if (tokens_[at(k)->begin].text != "the") return false;
  for (const int earlier : mentioned_) {
    const Thing& other = named(earlier);
    if (earlier != at(k)->thing && !other.plural && other.sure && !other.negated &&
        narrower(other.name, t.name))
      return true;
  }
  return false;
}

void Reader::thing(size_t k) {
  const Chunk& chunk = chunks_.list[k];
  const Thing& t = named(chunk.thing);
  if (!mentioned_.insert(chunk.thing).second) return;
  if (denied(k)) {
    absent(k);
    return;
  }
  // "Napoleon eating": a bare singular with a capital may be a name
  const std::string& head = tokens_[chunk.begin].raw;
  if (t.noun && t.noun->lexicon && !t.determined && !t.plural && head[0] >= 'A' && head[0] <= 'Z') return;
  if (!t.sure || unreal(k) || before_clause(k) || is_medium(k)) return;
  if (t.name == "camera") return;  // the one that films
  if (named_before(k)) return;
  const bool after_verb = before(k) == ChunkKind::kVerb && at(k - 1)->verb;
  if (after_verb && at(k - 1)->verb->base == "play" && t.game()) return;
  // "blows glass": the stuff, of which no single one need be there
  static const std::set<std::string> also_stuff = {"glass", "iron", "rock", "stone", "rope", "paper", "cork"};
  if (t.noun && !t.determined && !t.plural && t.attributes.empty() && also_stuff.count(t.name) &&
      (after_verb || before(k) == ChunkKind::kPreposition))
    return;
  if (t.name == "brick" && !t.determined) return;  // "a loft with exposed brick"
  // "Three women, one of them a nurse, wave"
  const VerbForm* deed = find_verb(t.name);
  if (deed && deed->base && !t.determined && !t.plural && t.attributes.empty() && !t.mass() &&
      !caption_.tags && k >= 2 && before(k) == ChunkKind::kComma && kind(k - 2) == ChunkKind::kThing)
    return;
  const std::string kin = t.noun ? t.noun->kin : "";
  // "on the moon", "on a planet": where it is set, which may not be seen as a whole
  if ((kin == "moon" || kin == "planet" || kin == "star") && before(k) == ChunkKind::kPreposition &&
      at(k - 1)->text == "on")
    return;
  if (kin == "sun" &&
      !(kind(k + 1) == ChunkKind::kVerb && at(k + 1)->verb && at(k + 1)->verb->base == "shine"))
    return;  // it may only light what is seen
  if (t.proper) {
    if (t.name.size() == 1) return;  // "hide B", "dancer A"
    // "Team A": of which no more is read; "Sleeping Beauty" once more
    if (chunk.end < tokens_.size() && tokens_[chunk.end].raw.size() == 1 &&
        tokens_[chunk.end].raw[0] >= 'A' && tokens_[chunk.end].raw[0] <= 'Z' && tokens_[chunk.end].raw != "I")
      return;
    for (const Thing& other : chunks_.things) {
      if (&other != &t && other.proper && ends_with(other.name, " " + t.name)) return;
    }
    // "a laboratory in Paris": of which no more is to be seen
    if (k >= 2 && before(k) == ChunkKind::kPreposition && at(k - 1)->text == "in" &&
        kind(k - 2) == ChunkKind::kThing && indoors(thing_at(k - 2)))
      return;
    // "in a diner outside Houston": not to be seen
    static const std::set<std::string> apart = {"outside", "near", "beyond", "from", "toward", "towards"};
    if (before(k) == ChunkKind::kPreposition && apart.count(at(k - 1)->text) &&
        !(k >= 2 && kind(k - 2) == ChunkKind::kVerb))
      return;
    // "waves on sand by Hokusai": who made the picture
    size_t name = chunk.begin;
    while (name > 0 && tokens_[name - 1].raw[0] >= 'A' && tokens_[name - 1].raw[0] <= 'Z') --name;
    const VerbForm* done = name >= 2 ? find_verb(tokens_[name - 2].text) : nullptr;
    if (name >= 2 && tokens_[name - 1].text == "by" && !(done && done->past)) return;
    if (!(k > 0 && kind(k - 1) == ChunkKind::kPreposition && chunks_.list[k - 1].text == "style"))
      add(Kind::kExists, chunk.thing);
    return;
  }
  // "an iron bar": no place to drink
  static const std::set<std::string> stuffs = {"iron",  "gold",  "golden", "steel",  "chocolate", "soap",
                                               "candy", "metal", "silver", "copper", "brass"};
  if (t.name == "bar" && chunk.end > chunk.begin + 1 && stuffs.count(tokens_[chunk.end - 2].text)) return;
  if (t.noun && t.noun->category == "place" && t.plural && t.noun->kin != "forest") {
    add(Kind::kExists, chunk.thing);
    attributes(chunk.thing);
    return;
  }
  if (t.noun && t.noun->category == "place") {
    setting(k);
    const bool set = !caption_.facts.empty() && (caption_.facts.back().kind == Kind::kSetting ||
                                                 caption_.facts.back().thing == chunk.thing);
    const std::string& article = tokens_[chunk.begin].text;
    if (set || before(k) == ChunkKind::kPreposition || (article != "a" && article != "an") || irreal_) return;
    Fact& fact = add(Kind::kPlain, chunk.thing);
    fact.value = "Does the video show " + with_article(t.name) + "?";
    return;
  }
  const bool scenery = t.noun && t.noun->category == "part";
  if (scenery) {
    static const std::set<std::string> seen = {"background", "sky", "floor", "ceiling", "screen"};
    if (seen.count(t.name) && !of_one_shot(k)) attributes(chunk.thing);
    return;
  }
  if (t.noun && t.noun->category == "body") {
    const size_t first = caption_.facts.size();
    attributes(chunk.thing);
    const int owner = owner_of(k);
    for (size_t f = first; f < caption_.facts.size(); ++f) {
      if (caption_.facts[f].kind == Kind::kAttribute) caption_.facts[f].object = owner;
    }
    return;
  }
  if (!t.visible()) return;
  if (t.name == "dust" && (caption_.words.count("scratches") || caption_.words.count("film")))
    return;  // on the film
  // "takes a deep breath": nothing that is there
  static const std::set<std::string> does = {"take", "give", "make", "do", "have", "let"};
  if (!t.noun && before(k) == ChunkKind::kVerb && at(k - 1)->verb && does.count(at(k - 1)->verb->base))
    return;
  // "a convertible ... the car": the same
  if (t.definite && !t.plural && !t.distinct && t.noun) {
    for (const int earlier : mentioned_) {
      const Thing& other = named(earlier);
      if (earlier != chunk.thing && other.noun && other.noun->kin == t.noun->kin && !other.plural) return;
    }
  }
  // "two boys ... One boy": one of those
  if (!t.plural && t.noun && (t.definite || tokens_[chunk.begin].text == "one") && !t.distinct &&
      t.attributes.empty() && t.name.find(' ') == std::string::npos) {
    for (const int earlier : mentioned_) {
      const Thing& all = named(earlier);
      if (all.plural && all.noun && all.noun->kin == t.noun->kin && all.sure && !all.negated) return;
    }
  }
  // "a campfire ... catches fire": what has been asked, or a part of it
  const std::string& article = tokens_[chunk.begin].text;
  const bool another = article == "a" || article == "an";
  if (t.count == 0 && !t.distinct && t.attributes.empty()) {
    for (const int earlier : mentioned_) {
      const Thing& other = named(earlier);
      if (earlier == chunk.thing || other.plural != t.plural || other.negated || !other.sure) continue;
      const bool part = other.name.size() > t.name.size() && ends_with(other.name, t.name);
      const bool one_word = part && other.name[other.name.size() - t.name.size() - 1] != ' ' && !t.living();
      const bool same = !t.determined && other.noun && t.noun && other.noun->kin == t.noun->kin;
      if (one_word || (!another && (part || same))) return;
    }
  }
  // "his sister": a picture shows no kinship
  static const std::set<std::string> kinship = {
      "sister", "brother",   "son",       "daughter",  "grandson", "granddaughter", "uncle",
      "aunt",   "husband",   "wife",      "neighbor",  "friend",   "owner",         "assistant",
      "twin",   "stranger",  "guest",     "customer",  "mate",     "cousin",        "nephew",
      "niece",  "colleague", "companion", "classmate", "teammate"};
  static const std::set<std::string> whose = {"his", "her", "its", "their", "my", "your", "our"};
  if (t.noun && (kinship.count(t.noun->kin) || kinship.count(t.name)) &&
      whose.count(tokens_[chunk.begin].text))
    return;
  if (!t.noun && kind(k + 1) == ChunkKind::kQuality) return;
  // A word that no list has, among misspelled ones, may be one itself.
  const auto slips =
      std::count_if(tokens_.begin(), tokens_.end(), [](const Token& token) { return token.slip; });
  if (!t.noun && slips >= 2 && 8 * static_cast<size_t>(slips) >= tokens_.size()) return;
  add(Kind::kExists, chunk.thing);
  // "three plates on each arm": how many in all?
  static const std::set<std::string> for_each = {"each", "every", "apiece", "per"};
  const auto behind = [&](size_t n) {
    return chunk.end + n < tokens_.size() ? tokens_[chunk.end + n].text : "";
  };
  bool of_each = false;
  for (size_t n = 0; n < 3; ++n) of_each |= for_each.count(behind(n)) > 0 && behind(n + 1) != "other";
  const bool single = t.single && !t.plural && !t.mass();
  if (single || (t.count > 1 && t.count <= 12 && (t.single || !of_each))) add(Kind::kCount, chunk.thing);
  attributes(chunk.thing);
}

// "In the last shot the bottle stands on a white background": of a part of the video.
bool Reader::of_one_shot(size_t k) const {
  static const std::set<std::string> words = {"last",   "final", "next",    "second", "then",
                                              "cut",    "cuts",  "end",     "ends",   "finally",
                                              "ending", "until", "becomes", "turns"};
  if (caption_.sentences < 2) return false;
  for (size_t i = at(k)->begin; i > 0 && tokens_[i - 1].text != "."; --i) {
    if (words.count(tokens_[i - 1].text)) return true;
  }
  return false;
}

bool Reader::before_clause(size_t k) const {
  for (size_t i = k; i > 0; --i) {
    const Chunk& chunk = chunks_.list[i - 1];
    if (chunk.kind == ChunkKind::kEnd || chunk.kind == ChunkKind::kComma) return false;
    if (chunk.kind == ChunkKind::kLink) return chunk.text == "before" || chunk.text == "after";
  }
  return false;
}

// "a crying woman", "falling leaves"
void Reader::doings(int index) {
  using VerbKind = VerbEntry::Kind;
  static const std::set<std::string> of_things = {
      "fall", "burn", "glow",  "flicker", "float",   "rise",    "sink",    "melt", "explode", "fly",
      "flow", "spin", "drift", "roll",    "sparkle", "shimmer", "glitter", "boil", "erupt"};
  static const std::set<std::string> kinds = {"fish", "squirrel", "fox",
                                              "frog", "lemur",    "gull"};  // flying fish
  const Thing& t = named(index);
  for (const VerbEntry* verb : t.doing) {
    if (verb->kind != VerbKind::kMotion && verb->kind != VerbKind::kAlone && verb->kind != VerbKind::kPosture)
      continue;
    if (!t.noun || t.name.find(' ') != std::string::npos || kinds.count(t.noun->kin)) continue;
    // "a rolling ladder", "a swinging door": what it can do
    static const std::map<std::string, std::set<std::string>> made_so = {
        {"roll",
         {"ladder", "chair", "suitcase", "cart", "hill", "hills", "pin", "luggage", "rack", "desk",
          "meadow"}},
        {"float", {"shelf", "shelves", "dock", "market", "bridge", "stage", "candle", "candles"}},
        {"spin", {"top", "wheel"}},
        {"fly", {"saucer", "carpet", "buttress"}},
        {"fall", {"star"}},
        {"sink", {"ship"}}};
    const auto kind_of = made_so.find(verb->base);
    if (kind_of != made_so.end() && kind_of->second.count(t.name)) continue;
    if (t.living() ? t.noun->group == "trade" : !of_things.count(verb->base) || verb->living) continue;
    Fact& fact = add(Kind::kAction, index);
    fact.verb = verb;
    fact.value = verb->base;
  }
}

void Reader::attributes(int index) {
  doings(index);
  for (const auto& [entry, phrase] : named(index).attributes) {
    Fact& fact = add(Kind::kAttribute, index);
    fact.attribute = entry;
    fact.value = phrase;
  }
}

bool Reader::indoors(const Thing& t) {
  static const std::set<std::string> rooms = {
      "room",      "kitchen",   "library",     "laboratory", "lab",        "restaurant",  "office",
      "classroom", "bedroom",   "bathroom",    "studio",     "workshop",   "garage",      "hall",
      "corridor",  "hallway",   "basement",    "attic",      "gym",        "cellar",      "hospital",
      "store",     "bakery",    "supermarket", "apartment",  "barbershop", "cinema",      "museum",
      "theater",   "theatre",   "shop",        "bar",        "pub",        "cafe",        "laundromat",
      "ballroom",  "salon",     "nightclub",   "flat",       "dojo",       "launderette", "diner",
      "bookshop",  "bookstore", "tavern",      "parlor",     "parlour",    "smithy",      "pharmacy",
      "arcade",    "courtroom", "clinic",      "penthouse"};
  return rooms.count(t.name.substr(t.name.rfind(' ') + 1)) > 0;
}

void Reader::setting(size_t k) {
  const Thing& t = thing_at(k);
  static const std::set<std::string> where = {"in",     "at",    "on",     "through",
                                              "across", "along", "inside", "down"};
  const bool stated = before(k) == ChunkKind::kPreposition && where.count(chunks_.list[k - 1].text) > 0;
  // "burns down the village": what is burnt, not where
  const bool torn = stated && k >= 2 && kind(k - 2) == ChunkKind::kVerb && at(k - 2)->verb &&
                    (at(k - 1)->text == "down" || at(k - 1)->text == "on") &&
                    (at(k - 2)->verb->kind == VerbEntry::Kind::kObject ||
                     (at(k - 1)->text == "down" && at(k - 2)->verb->kind != VerbEntry::Kind::kMotion));
  // "a workshop in a mountain village": of which no more is to be seen
  if (stated && at(k - 1)->text == "in" && k >= 2 && kind(k - 2) == ChunkKind::kThing &&
      indoors(thing_at(k - 2)) && !indoors(t))
    return;
  // "a hunter both in the sea and in the sky"
  if (torn || (stated && at(k - 1)->begin > 0 && tokens_[at(k - 1)->begin - 1].text == "both")) return;
  const bool alone =
      k == 0 || (caption_.tags && kind(k + 1) != ChunkKind::kVerb && kind(k + 1) != ChunkKind::kAnd);
  if (t.plural && t.noun->kin != "forest") return;
  if (!stated && !(alone && kind(k + 1) != ChunkKind::kVerb)) return;
  add(Kind::kSetting, chunks_.list[k].thing);
  for (const auto& [entry, phrase] : t.attributes) {
    if (!entry || entry->kind == AttributeEntry::Kind::kMaterial) continue;
    Fact& fact = add(Kind::kAttribute, chunks_.list[k].thing);
    fact.attribute = entry;
    fact.value = phrase;
  }
}

}  // namespace drf::templates
