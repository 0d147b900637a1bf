// What becomes something else, or another color.
#include "drf/templates/reader.h"

namespace drf::templates {

void Reader::turns_color(size_t k) {
  const Chunk& v = chunks_.list[k];
  if (!v.verb || (v.verb->base != "turn" && v.verb->base != "change") || v.negated || v.modal ||
      v.infinitive || subjects_[k].size() != 1 || before_clause(k))
    return;
  const auto color = [&](size_t i) -> const AttributeEntry* {
    if (i >= tokens_.size() || tokens_[i].kind != Token::Kind::kWord) return nullptr;
    const AttributeEntry* entry = find_attribute(tokens_[i].text);
    return entry && entry->kind == AttributeEntry::Kind::kColor ? entry : nullptr;
  };
  size_t i = v.end;
  const auto says = [&](size_t n, const char* text) { return n < tokens_.size() && tokens_[n].text == text; };
  if (says(i, "color")) ++i;
  if (says(i, "from") && color(i + 1) && says(i + 2, "to")) i += 3;
  const AttributeEntry* entry = color(i);
  if (!entry || (i + 1 < tokens_.size() && tokens_[i + 1].kind == Token::Kind::kWord &&
                 !function_word(tokens_[i + 1].text) && !is_a("adverb", tokens_[i + 1].text)))
    return;
  Fact& fact = add(Kind::kBecomes, subjects_[k][0]);
  fact.attribute = entry;
  fact.value = tokens_[i].text;
  fact.verb = v.verb;
}

void Reader::becomes(size_t k) {
  static const std::set<std::string> turns = {"turn", "transform", "morph", "change"};
  const Chunk& v = chunks_.list[k];
  if (!v.verb || !turns.count(v.verb->base) || v.negated || v.infinitive || subjects_[k].size() != 1 ||
      v.participle || kind(k + 1) != ChunkKind::kPreposition || at(k + 1)->text != "into" ||
      kind(k + 2) != ChunkKind::kThing)
    return;
  const Thing& t = thing_at(k + 2);
  if (!t.sure || !t.noun || !t.visible() || t.negated || t.proper || before_clause(k)) return;
  // a car into a driveway, a dancer into a dress
  static const std::set<std::string> ways = {"driveway", "lane", "drive", "entrance",
                                             "garage",   "gate", "curve", "wind"};
  if (t.noun->category == "place" || t.noun->category == "structure" || t.noun->category == "part" ||
      t.noun->category == "clothing" || ways.count(t.noun->kin))
    return;
  Fact& fact = add(Kind::kBecomes, subjects_[k][0]);
  fact.object = at(k + 2)->thing;
  fact.verb = v.verb;
}

void Reader::transforms(size_t k) {
  static const std::set<std::string> into = {"turn",    "transform", "morph",      "change", "evolve", "grow",
                                             "develop", "transmute", "shapeshift", "mutate", "convert"};
  const Chunk& v = chunks_.list[k];
  if (!v.verb || v.negated) return;
  size_t next = k + 1;
  while (kind(next) == ChunkKind::kAdverb) ++next;
  if (v.verb->base == "become" && kind(next) == ChunkKind::kThing) {
    transformed_.insert(subjects_[k].begin(), subjects_[k].end());
    return;
  }
  if (!into.count(v.verb->base)) return;
  const bool object = kind(next) == ChunkKind::kThing;  // "turns the frog into a prince"
  if (kind(next + object) != ChunkKind::kPreposition || at(next + object)->text != "into") return;
  if (object) {
    transformed_.insert(at(next)->thing);
  } else {
    transformed_.insert(subjects_[k].begin(), subjects_[k].end());
  }
}

}  // namespace drf::templates
