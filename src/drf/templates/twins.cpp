#include "drf/templates/twins.h"

#include <algorithm>

#include "drf/templates/lexicon.h"
#include "drf/templates/near.h"
#include "drf/templates/objects.h"
#include "drf/templates/pools.h"
#include "drf/templates/rows.h"

namespace drf::templates {
namespace {

struct Candidate {
  std::string noun;
  std::set<std::string> beside;
};
using Pools = std::map<std::string, std::vector<Candidate>>;
using Rows = std::map<std::string, std::vector<std::pair<std::string, std::string>>>;

// The nouns of each pool, with the words beside which it would be no surprise; scenes become their words.
Pools pools_of(const Rows& lists, const std::map<std::string, std::set<std::string>>& also = {}) {
  Pools pools;
  for (const auto& [name, rows] : lists) {
    for (const auto& [noun, beside] : rows) {
      Candidate candidate{noun, {}};
      if (const auto other = also.find(noun); other != also.end()) candidate.beside = other->second;
      for (const std::string& word : split(beside, ' ')) {
        const auto scene = kScenes.find(word);
        if (scene == kScenes.end())
          candidate.beside.insert(spaced(word));
        else
          for (const std::string& sign : split(scene->second, ' ')) candidate.beside.insert(spaced(sign));
      }
      pools[name].push_back(candidate);
    }
  }
  return pools;
}

const std::vector<Candidate>& in_pools(const Pools& pools, const std::string& name) {
  static const std::vector<Candidate> none;
  const auto it = pools.find(name);
  return it == pools.end() ? none : it->second;
}

// By wide category.
const std::vector<Candidate>& pool_of(const std::string& category) {
  static const Pools all = [] {
    std::map<std::string, std::set<std::string>>
        beside;  // what the narrow lists say of the same noun holds, too
    for (const auto& [name, candidates] : pools_of(kNearTwins)) {
      for (const Candidate& c : candidates) beside[c.noun].insert(c.beside.begin(), c.beside.end());
    }
    return pools_of(kTwinPools, beside);
  }();
  return in_pools(all, category);
}

// By narrow kind: of the hand's group, or else of the lexicon's within the same category.
const std::vector<Candidate>& near_pool(const NounEntry& noun, const std::string& word) {
  static const Pools all = pools_of(kNearTwins);
  const auto& listed = in_pools(all, noun.category + "." + noun.group);
  if (!listed.empty()) return listed;
  const LexiconWord* known = find_lexicon(word);
  return in_pools(all, known && known->kind.rfind(noun.category + ".", 0) == 0 ? known->kind : "");
}

}  // namespace

Twins::Twins(const Caption& caption) : caption_(caption) {
  for (const std::string& word : caption.words) {
    said_.insert(word);
    if (const AttributeEntry* entry = find_attribute(word)) said_.insert({entry->kin, entry->phrase});
    if (const VerbForm* form = find_verb(word)) said_.insert(form->verb->base);
    for (const char mark : {' ', '-'}) {  // compounds, "rain-streaked"
      for (const std::string& part : split(word, mark)) said_.insert(part);
    }
    if (const LexiconWord* known = find_lexicon(word)) {
      concepts_.insert(known->concepts.begin(), known->concepts.end());
      for (const std::string& kind : names_above(*known)) said_.insert(kind);
    }
    if (const NounEntry* noun = find_noun(word)) {
      said_.insert(noun->kin);
      groups_.insert(noun->category + "." + noun->group);
      static const std::map<std::string, std::string> roads = {{"fire", "road"},   {"rails", "rail"},
                                                               {"sea", "water"},   {"flying", "air"},
                                                               {"stars", "space"}, {"small", "cycle"}};
      if (const auto it = roads.find(noun->group); it != roads.end() && noun->category == "vehicle")
        groups_.insert("vehicle." + it->second);
      persons_ += noun->category == "person";
    }
  }
  for (const Thing& thing : caption.things) persons_ += thing.proper;
}

// "cuts vegetables", "a bowl of fruit": what kinds there are of it is open.
bool Twins::said_as_all(const NounEntry& noun) {
  static const std::set<std::string> all = {"vegetable", "fruit",   "food",   "ingredient",
                                            "snack",     "dessert", "produce"};
  return all.count(noun.kin) > 0;
}

std::string Twins::any_of(const std::vector<std::string>& choices, RandomStream& random) const {
  std::vector<std::string> left;
  for (const std::string& choice : choices) {
    if (!said(choice)) left.push_back(choice);
  }
  return left.empty() ? "" : left[random.next_below(left.size())];
}

std::string Twins::absent_noun(const Thing& thing, RandomStream& random, TwinCount& count) {
  if (!thing.noun) return "";
  // Not boys and girls: where one child is there are others.
  static const std::map<std::string, std::string> sexes = {{"man", "woman"}, {"woman", "man"}};
  const auto sex = sexes.find(thing.noun->kin);
  // Where many meet there may be both.
  static const std::vector<std::string> meetings = {
      "school",     "school bus", "classroom",    "playground", "party",    "wedding",    "festival",
      "crowd",      "audience",   "fair",         "station",    "market",   "parade",     "team",
      "class",      "stadium",    "kindergarten", "match",      "carnival", "concert",    "gym",
      "campus",     "airport",    "schoolyard",   "sandbox",    "sandpit",  "slide",      "seesaw",
      "swing",      "swings",     "recess",       "trampoline", "friend",   "friends",    "climbing frame",
      "jungle gym", "beach",      "camp",         "museum",     "queue",    "gate",       "platform",
      "terminal",   "street",     "park",         "city",       "town",     "village",    "square",
      "plaza",      "mall",       "supermarket",  "shop",       "store",    "restaurant", "cafe",
      "bar",        "pub",        "hospital",     "office",     "train",    "bus",        "subway",
      "plane",      "hotel",      "lobby",        "library",    "theater",  "pool",       "church",
      "temple",     "court",      "bank",         "factory",    "sidewalk", "harbor",     "port",
      "pier",       "zoo",        "circus",       "club",       "marathon", "race",       "departure",
      "bakery",     "salon",      "court room",   "deck",       "tram",     "ferry",      "arcade"};
  if (sex != sexes.end() &&
      std::any_of(meetings.begin(), meetings.end(), [&](const auto& w) { return said(w); }))
    return "";
  // Where toys and odds and ends stand there may be one of anything.
  const bool toys = said("toy") || said("toys") || said("doll") || said("dolls");
  const bool sold =
      said("shop") || said("store") || said("stall") || said("stand") || said("shelf") || said("shelves");
  static const std::vector<std::string> of_all = {
      "toyshop",       "toy shop",     "toy store",   "toystore",     "museum",
      "attic",         "flea market",  "thrift shop", "antique shop", "junkyard",
      "souvenir shop", "costume shop", "pawn shop",   "garage sale",  "pawn",
      "pawnshop",      "pawnbroker",   "auction",     "auctioneer"};
  if (thing.noun->category != "place" &&
      ((toys && sold) || std::any_of(of_all.begin(), of_all.end(), [&](const auto& w) { return said(w); })))
    return "";
  // ... and where one instrument is made or played there are others.
  static const std::vector<std::string> of_music = {"workshop",  "shop",        "store",   "studio",
                                                    "orchestra", "band",        "luthier", "concert",
                                                    "stage",     "music school"};
  if (thing.noun->category == "instrument" &&
      std::any_of(of_music.begin(), of_music.end(), [&](const auto& w) { return said(w); }))
    return "";
  if (sex != sexes.end() && persons_ == 1) {
    ++count.near;
    said_.insert(sex->second);
    return sex->second;
  }
  if (said_as_all(*thing.noun)) return "";
  if (thing.noun->group == "open" || (thing.noun->category == "shape" && !only_shapes())) return "";
  std::vector<std::string> near, far;
  const std::string last = thing.name.substr(thing.name.rfind(' ') + 1);
  for (const Candidate& candidate : near_pool(*thing.noun, find_lexicon(thing.name) ? thing.name : last)) {
    if (absent(candidate.noun, candidate.beside)) near.push_back(candidate.noun);
  }
  const bool mass = thing.noun->category == "mass";
  if (mass && thing.plural) return "";  // "pickles", but never "confettis"
  for (const Candidate& candidate : pool_of(mass ? "mass." + thing.noun->group : thing.noun->category)) {
    const NounEntry* noun = find_noun(candidate.noun);
    if (!absent(candidate.noun, candidate.beside)) continue;
    static const std::set<std::string> narrow = {"animal", "vehicle", "person", "instrument",
                                                 "shape",  "food",    "mass"};
    const bool same_group = noun->group == thing.noun->group;
    // Animals of one region, and vehicles of one road, are met together.
    if ((noun->category == "animal" || noun->category == "vehicle") &&
        groups_.count(noun->category + "." + noun->group))
      continue;
    (same_group || narrow.count(noun->category) ? near : far).push_back(candidate.noun);
  }
  const std::string found = any_of(near.empty() ? far : near, random);
  if (found.empty()) return "";
  (near.empty() ? count.far : count.near) += 1;
  said_.insert(found);
  said_.insert(find_noun(found)->kin);
  return found;
}

// Whatever is there may be a block or round to the eye: a pedestal, a tower, a box.
bool Twins::only_shapes() const {
  for (const Thing& thing : caption_.things) {
    const std::string category = thing.noun ? thing.noun->category : "";
    if (category != "shape" && category != "place" && category != "part" && category != "abstract" &&
        !thing.living())
      return false;
  }
  return true;
}

bool Twins::absent(const std::string& word, const std::set<std::string>& beside) const {
  const NounEntry* noun = find_noun(word);
  if (!noun || said(noun->kin) || said(word)) return false;
  for (const std::string& sign : beside) {
    if (said(sign)) return false;
  }
  // "the clock" may be an alarm clock
  const std::string last = word.substr(word.rfind(' ') + 1);
  if (said(last)) return false;
  // "drumsticks": a drum may stand beside them
  for (const std::string& other : caption_.words) {
    if (word.size() >= 4 && other.size() > word.size() + 2 &&
        (other.rfind(word, 0) == 0 || ends_with(other, word)))
      return false;
  }
  const LexiconWord* whole = find_lexicon(word);
  const LexiconWord* known = whole ? whole : find_lexicon(last);
  if (!known || known->concepts.empty()) return true;
  const uint32_t what = known->concepts[0];
  for (const uint32_t other : concepts_) {
    if (is_kind_of(what, other) || (whole && is_kind_of(other, what)) || is_part_of(what, other))
      return false;
  }
  return true;
}

std::string Twins::other_object(const std::string& verb, const Thing& object, RandomStream& random) const {
  if (!object.noun || said_as_all(*object.noun)) return "";
  std::vector<std::string> choices;
  for (const auto& [verbs, objects] : kDoneTo) {
    const std::vector<std::string> takes = split(verbs, ' '), nouns = split(objects, ' ');
    const auto among = [](const std::vector<std::string>& words, const std::string& word) {
      return std::find(words.begin(), words.end(), word) != words.end();
    };
    if (!among(takes, verb) || !among(nouns, object.noun->kin)) continue;
    for (const std::string& noun : nouns) {
      const bool within = object.name.find(noun) != std::string::npos;  // a pancake is a cake
      if (noun != object.noun->kin && !within && absent(noun, {})) choices.push_back(noun);
    }
  }
  return any_of(choices, random);
}

std::string Twins::other_quality(const Thing& thing, const AttributeEntry& entry,
                                 RandomStream& random) const {
  using Kind = AttributeEntry::Kind;
  if (entry.kind == Kind::kColor) return any_of(other_colors(entry.kin), random);
  if (entry.kind == Kind::kMaterial) {
    // A glass cabinet has a frame of wood or metal, a wooden door a handle of metal.
    static const std::set<std::string> framed = {"furniture", "structure", "vehicle", "place"};
    std::vector<std::string> others = other_materials(entry.phrase);
    if (thing.noun && framed.count(thing.noun->category))
      std::erase_if(others,
                    [](const std::string& m) { return ends_with(m, "wood") || ends_with(m, "metal"); });
    return any_of(others, random);
  }
  const std::string& opposite = thing.living() ? entry.opposite : entry.opposite_of_things;
  return opposite == "-" || said(opposite) ? "" : opposite;
}

std::string Twins::other_place(const NounEntry& place, RandomStream& random) const {
  std::vector<std::string> left;
  for (const Candidate& candidate : pool_of("place." + place.group)) {
    const NounEntry* noun = find_noun(candidate.noun);
    bool expected = (noun && said(noun->kin)) || said(candidate.noun);
    for (const std::string& word : candidate.beside) expected |= said(word);
    if (!expected) left.push_back(candidate.noun);
  }
  return left.empty() ? "" : with_article(left[random.next_below(left.size())]);
}

}  // namespace drf::templates
