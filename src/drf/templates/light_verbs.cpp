// Verbs that say little by themselves: "is", "puts", "comes".
#include "drf/templates/denials.h"
#include "drf/templates/reader.h"

namespace drf::templates {

void Reader::copula(size_t k) {
  const Chunk& v = chunks_.list[k];
  if ((v.auxiliary != "is" && v.auxiliary != "are") || kind(k + 1) != ChunkKind::kQuality) return;
  const AttributeEntry* entry = find_attribute(at(k + 1)->text);
  const std::string other = denied_quality(at(k + 1)->text);
  if (v.negated && other.empty()) return;
  for (size_t i = v.begin; i < v.end; ++i) {
    if (lessens(tokens_[i].text)) return;  // "is slightly open"
  }
  for (size_t i = k; i > 0 && kind(i - 1) != ChunkKind::kEnd; --i) {
    if (kind(i - 1) == ChunkKind::kLink) return;  // "until the glass is empty"
  }
  // "are red, orange and yellow" is more than that
  const bool more = (kind(k + 2) == ChunkKind::kComma || kind(k + 2) == ChunkKind::kAnd) &&
                    kind(k + 3) != ChunkKind::kThing && kind(k + 3) != ChunkKind::kLink &&
                    kind(k + 3) != ChunkKind::kVerb && kind(k + 3) != ChunkKind::kAnd;
  if (!entry || more ||
      (kind(k + 2) != ChunkKind::kEnd && kind(k + 2) != ChunkKind::kComma && kind(k + 2) != ChunkKind::kAnd))
    return;
  for (const int who : subjects_[k]) {
    Fact& fact = add(Kind::kAttribute, who);
    fact.attribute = entry;
    fact.value = v.negated ? other : entry->phrase;
    if (v.negated) fact.contrast = entry->phrase;
  }
}

// "puts a cup on the table", "comes out of the house": says nothing by itself.
void Reader::light(size_t k) {
  const Chunk& v = chunks_.list[k];
  const std::vector<int>& who = subjects_[k];
  Fact action;
  action.kind = Kind::kAction;
  action.thing = who[0];
  action.verb = v.verb;
  action.value = v.verb->base;
  action.silent = before_clause(k);
  size_t behind = k + 1;
  // "takes out a notebook", "puts on his hat"
  static const std::set<std::string> moved = {"out", "off", "on", "down", "away"};
  if ((v.verb->base == "take" || v.verb->base == "put") && at(behind) && moved.count(at(behind)->text) &&
      at(behind)->end == at(behind)->begin + 1 && kind(behind + 1) == ChunkKind::kThing && !v.negated &&
      who.size() == 1 && kind(behind + 2) != ChunkKind::kThing && kind(behind + 2) != ChunkKind::kOther) {
    const Thing& t = thing_at(behind + 1);
    if (t.sure && !t.negated && t.visible() && (t.noun || !t.proper)) {
      action.value = v.verb->base + " " + at(behind)->text;
      action.object = at(behind + 1)->thing;
      caption_.facts.push_back(action);
      events_.push_back({k, static_cast<int>(caption_.facts.size()) - 1});
    }
    return;
  }
  static const std::set<std::string> with_object = {"put", "place", "set", "take", "lead", "guide"};
  if (kind(behind) == ChunkKind::kThing && with_object.count(v.verb->base) && thing_at(behind).sure &&
      thing_at(behind).visible() && !thing_at(behind).negated && !unreal(behind)) {
    action.object = at(behind)->thing;
    ++behind;
  }
  static const std::set<std::string> with_place = {
      "come", "go",    "look",  "stop",   "disappear", "vanish", "emerge", "return",
      "head", "point", "reach", "hide",   "rush",      "hurry",  "speed",  "cruise",
      "peek", "peer",  "wait",  "glance", "peck",      "stream"};
  if (who.size() == 1 && !v.negated && (action.object >= 0 || with_place.count(v.verb->base))) {
    const int fact = placed(k, action, behind);
    if (fact >= 0) events_.push_back({k, fact});
  }
}

}  // namespace drf::templates
