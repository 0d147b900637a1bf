// Where things are to one another, and where something is done.
#include "drf/templates/reader.h"

namespace drf::templates {

void Reader::relation(size_t k) {
  const auto contrary = relations().find(chunks_.list[k].text);
  if (chunks_.list[k].text == "full") contents(k);
  if (contrary == relations().end() || kind(k + 1) != ChunkKind::kThing || k == 0 || irreal_) return;
  const Thing& t = thing_at(k + 1);
  if (!t.sure || denied(k + 1) || t.proper || !t.noun) return;
  std::vector<int> who;
  size_t i = k - 1;
  while (i > 0 && kind(i) == ChunkKind::kAdverb && !at(i)->direction) --i;
  // "a bottle of milk next to a plate": the bottle
  if (kind(i) == ChunkKind::kThing && i >= 2 && before(i) == ChunkKind::kPreposition &&
      at(i - 1)->text == "holding" && kind(i - 2) == ChunkKind::kThing)
    i -= 2;
  if (kind(i) == ChunkKind::kThing) {
    const bool first =
        before(i) == ChunkKind::kEnd ||
        (before(i) == ChunkKind::kAnd && i >= 2 && kind(i - 2) == ChunkKind::kThing && verbless(i)) ||
        (before(i) == ChunkKind::kAnd && after_phrase(i));
    if (!first || denied(i)) return;
    who.push_back(at(i)->thing);
  } else if (kind(i) == ChunkKind::kVerb) {
    const Chunk& v = chunks_.list[i];
    static const std::set<std::string> put = {"park", "seat", "place", "hang", "stack", "perch", "mount"};
    const bool posture = v.verb && v.verb->kind == VerbEntry::Kind::kPosture && !v.infinitive;
    const bool placed = v.verb && v.participle && put.count(v.verb->base) > 0;
    if (v.negated || v.modal ||
        !(posture || placed || (!v.verb && (v.auxiliary == "is" || v.auxiliary == "are"))))
      return;
    who = subjects_[i];
  }
  if (who.empty()) return;
  for (const int of : who) relate(of, k, contrary->first, contrary->second);
}

void Reader::contents(size_t k) {
  if (k == 0 || kind(k - 1) != ChunkKind::kThing || kind(k + 1) != ChunkKind::kThing || irreal_) return;
  const Thing& in = thing_at(k - 1);
  const Thing& t = thing_at(k + 1);
  if (!in.sure || !t.sure || !in.noun || !t.noun || denied(k - 1) || in.plural || !t.visible()) return;
  if (in.noun->category != "tableware" && in.noun->group != "carry") return;
  Fact& fact = add(Kind::kRelation, chunks_.list[k + 1].thing);
  fact.object = chunks_.list[k - 1].thing;
  fact.value = "in";
  fact.contrast = "outside";
}

bool Reader::verbless(size_t i) const {
  for (; i > 0 && kind(i - 1) != ChunkKind::kEnd; --i) {
    if (kind(i - 1) == ChunkKind::kVerb || kind(i - 1) == ChunkKind::kPreposition) return false;
  }
  return true;
}

void Reader::relate(int of, size_t k, const std::string& relation, const std::string& contrary) {
  const Thing& who = named(of);
  const Thing& t = thing_at(k + 1);
  const std::string& category = t.noun->category;
  if (of == chunks_.list[k + 1].thing || !who.sure || who.negated || !who.visible()) return;
  if ((relation == "in" || relation == "wrapped") && who.living() && category == "clothing") {
    add(Kind::kWears, of).object = chunks_.list[k + 1].thing;
    return;
  }
  static const std::set<std::string> flat = {"floor", "ground"};
  if (category == "place" || category == "mass" || category == "clothing" || t.noun->group == "sky" ||
      category == "abstract" || category == "body" ||
      (category == "part" && !(flat.count(t.name) && relation == "on")))
    return;
  if (category == "part") return;
  static const std::set<std::string> upright = {"fence",  "billboard", "streetlight", "window", "door",
                                                "mirror", "curtain",   "wall",        "flag"};
  if (upright.count(t.noun->kin) && (relation == "on" || relation == "under")) return;
  const bool hollow = category == "tableware" || category == "vehicle" || t.noun->group == "carry" ||
                      t.noun->group == "store" || t.noun->group == "home" || t.noun->kin == "birdcage";
  if ((relation == "in" || relation == "inside") && !hollow) return;
  Fact& fact = add(Kind::kRelation, of);
  fact.object = chunks_.list[k + 1].thing;
  fact.value = relation;
  fact.contrast = contrary;
}

// What stands at chunk `next` behind the verb at k, as a part of its deed.
int Reader::placed(size_t k, const Fact& action, size_t next) {
  const Chunk& v = chunks_.list[k];
  while (kind(next) == ChunkKind::kAdverb && !at(next)->direction && ends_with(at(next)->text, "ly")) ++next;
  if (kind(next) != ChunkKind::kPreposition || kind(next + 1) != ChunkKind::kThing) return -1;
  const std::string how = tokens_[at(next)->begin].text == "out" ? "out of" : at(next)->text;
  static const std::set<std::string> known = {
      "out of", "across",  "through", "over",   "under",   "along",  "around",  "past",        "into",
      "onto",   "down",    "up",      "toward", "towards", "beside", "behind",  "in front of", "next to",
      "near",   "against", "above",   "below",  "beneath", "inside", "outside", "off",         "from",
      "to",     "at",      "on",      "in",     "with",    "by",     "between", "underneath",  "on top of"};
  const Thing& t = thing_at(next + 1);
  if (!known.count(how) || !t.sure || t.negated || irreal_) return -1;
  if (how == "between" && !t.plural) return -1;
  if (how == "with" && v.verb->kind == VerbEntry::Kind::kLight) return -1;
  if (t.name == "sun" || t.name == "wind") return -1;  // "melts in the sun"
  if (how == "by" && t.proper) return -1;              // "reads a book by Mark Twain"
  // "rises in the water", "floats in the air": where else?
  if (how == "in" && (t.name == "water" || t.name == "air" || t.name == "sky") && action.object < 0)
    return -1;
  if (t.name == "camera" || at(next + 1)->thing == action.thing || at(next + 1)->thing == action.object)
    return -1;
  static const std::set<std::string> parts = {"floor", "ground", "sky",  "path", "track",
                                              "trail", "stage",  "deck", "step", "horizon",
                                              "cage",  "pole",   "page", "room", "air"};
  if (!t.proper) {
    if (!t.noun) return -1;
    const std::string& category = t.noun->category;
    if (category == "abstract" || category == "body" || (category == "part" && !parts.count(t.noun->kin)))
      return -1;
    if (category == "clothing" && how == "in") return -1;
    // "freezes into ice", "grows into a tree": what comes of it
    static const std::set<std::string> changes = {
        "freeze",  "melt",     "grow",  "crumble", "dissolve", "burst",  "shatter", "break",
        "explode", "collapse", "fold",  "bend",    "shrink",   "expand", "carve",   "sculpt",
        "cut",     "chop",     "slice", "build",   "knit",     "sew"};
    if ((how == "into" || how == "from") && (t.noun->living() || changes.count(v.verb->base))) return -1;
    // where it is set is asked by itself
    if ((category == "place" || t.noun->group == "air") && (how == "in" || how == "on" || how == "at"))
      return -1;
    // and where something stands is a relation
    if (!action.negated && v.verb->kind == VerbEntry::Kind::kPosture && relations().count(how) &&
        category != "place" && category != "part" && category != "mass")
      return -1;
  }
  if (kind(next + 2) == ChunkKind::kOther || kind(next + 2) == ChunkKind::kQuality) return -1;
  Fact fact = action;
  fact.place = at(next + 1)->thing;
  fact.preposition = how;
  caption_.facts.push_back(fact);
  return static_cast<int>(caption_.facts.size()) - 1;
}

}  // namespace drf::templates
