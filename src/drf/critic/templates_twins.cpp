#include "drf/critic/templates_twins.h"

#include <sstream>

#include "drf/critic/templates_pools.h"

namespace drf::critic {
namespace {

struct Candidate {
  std::string noun;
  std::set<std::string> beside;
};

// The nouns of a pool, each with the words beside which it would be no surprise.
const std::vector<Candidate>& pool_of(const std::string& category) {
  static const auto all = [] {
    std::map<std::string, std::vector<Candidate>> pools;
    for (const auto& [name, rows] : kTwinPools) {
      for (const auto& [noun, beside] : rows) {
        Candidate candidate{noun, {}};
        std::istringstream in(beside);
        for (std::string word; in >> word;) candidate.beside.insert(word);
        pools[name].push_back(candidate);
      }
    }
    return pools;
  }();
  static const std::vector<Candidate> none;
  const auto it = all.find(category);
  return it == all.end() ? none : it->second;
}

}  // namespace

Twins::Twins(const Caption& caption) : caption_(caption) {
  for (const std::string& word : caption.words) {
    said_.insert(word);
    if (const AttributeEntry* entry = find_attribute(word)) said_.insert({entry->kin, entry->phrase});
    if (const VerbForm* form = find_verb(word)) said_.insert(form->verb->base);
    std::istringstream parts(word);  // compounds
    for (std::string part; parts >> part;) said_.insert(part);
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

std::string Twins::any_of(const std::vector<std::string>& choices, RandomStream& random) const {
  std::vector<std::string> left;
  for (const std::string& choice : choices) {
    if (!said(choice)) left.push_back(choice);
  }
  return left.empty() ? "" : left[random.next_below(left.size())];
}

std::string Twins::absent_noun(const Thing& thing, RandomStream& random, TwinCount& count) {
  if (!thing.noun) return "";
  static const std::map<std::string, std::string> sexes = {
      {"man", "woman"}, {"woman", "man"}, {"boy", "girl"}, {"girl", "boy"}};
  const auto sex = sexes.find(thing.noun->kin);
  if (sex != sexes.end() && persons_ == 1) {
    ++count.near;
    said_.insert(sex->second);
    return sex->second;
  }
  std::vector<std::string> near, far;
  const bool mass = thing.noun->category == "mass";
  for (const Candidate& candidate : pool_of(mass ? "mass." + thing.noun->group : thing.noun->category)) {
    const NounEntry* noun = find_noun(candidate.noun);
    if (!noun || said(noun->kin) || said(candidate.noun)) continue;
    bool expected = false;
    for (const std::string& word : candidate.beside) expected |= said(word);
    if (expected) continue;
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

std::string Twins::other_object(const Thing& object, RandomStream& random) const {
  if (!object.noun) return "";
  // Groups whose members take the same verbs.
  static const std::set<std::string> alike = {
      "thing.read",   "thing.carry",   "thing.light",   "mass.drink",     "instrument.any",
      "vehicle.road", "vehicle.cycle", "food.fruit",    "food.vegetable", "food.baked",
      "thing.weapon", "shape.solid",   "tableware.eat", "tableware.drink"};
  if (!alike.count(object.noun->category + "." + object.noun->group)) return "";
  std::vector<std::string> choices;
  for (const auto& [head, group] : category_heads(object.noun->category)) {
    if (group == object.noun->group && head != object.noun->kin) choices.push_back(head);
  }
  return any_of(choices, random);
}

std::string Twins::other_quality(const Thing& thing, const AttributeEntry& entry,
                                 RandomStream& random) const {
  using Kind = AttributeEntry::Kind;
  if (entry.kind == Kind::kColor) return any_of(other_colors(entry.kin), random);
  if (entry.kind == Kind::kMaterial) return any_of(other_materials(entry.phrase), random);
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

}  // namespace drf::critic
