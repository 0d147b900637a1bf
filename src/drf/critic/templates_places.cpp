// Where things are to one another.
#include "drf/critic/templates_reader.h"

namespace drf::critic {

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

}  // namespace drf::critic
