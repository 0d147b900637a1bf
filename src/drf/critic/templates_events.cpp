// Who does what, what the camera does, and in which order, as far as the caption leaves no doubt.
#include "drf/critic/templates_reader.h"
#include "drf/critic/templates_subjects.h"

namespace drf::critic {

void Reader::verb(size_t k) {
  const Chunk& v = chunks_.list[k];
  if (v.sure && !irreal_) subjects_[k] = subjects_of(chunks_, k, subjects_);
  const std::vector<int>& who = subjects_[k];
  if (!v.sure || irreal_ || v.modal || who.empty()) return;
  if (named(who[0]).name == "drone") return;  // the one that films
  if (named(who[0]).name == "camera") {
    camera(k);
    return;
  }
  if (!v.verb) {
    copula(k);
    return;
  }
  using VerbKind = VerbEntry::Kind;
  const bool passive = (v.past && !v.auxiliary.empty()) ||
                       (v.participle && v.auxiliary.empty() && !v.base && !v.third && !v.ing);
  const bool begun = v.infinitive && k > 0 && kind(k - 1) == ChunkKind::kVerb;
  if (v.participle && (v.auxiliary == "is" || v.auxiliary == "are") && v.verb->kind == VerbKind::kObject &&
      !v.negated) {
    for (const int whom : who) {
      Fact& fact = add(Kind::kPassive, whom);
      fact.verb = v.verb;
      fact.value = v.text;
    }
  }
  if (passive || v.verb->kind == VerbKind::kLight || (v.infinitive && !begun)) return;
  size_t next = k + 1;
  std::string particle;
  static const std::set<std::string> particles = {"up", "down", "off", "out", "open", "over"};
  if (at(next) && (at(next)->kind == ChunkKind::kAdverb || at(next)->kind == ChunkKind::kPreposition) &&
      particles.count(at(next)->text) && at(next)->end == at(next)->begin + 1 &&
      kind(next + 1) == ChunkKind::kThing &&
      (v.verb->kind == VerbKind::kObject || v.verb->kind == VerbKind::kBoth)) {
    particle = " " + at(next)->text;
    ++next;
  }
  int object = -1;
  if (kind(next) == ChunkKind::kThing) {
    object = at(next)->thing;
  } else if (kind(next) == ChunkKind::kPronoun) {
    object = meant_by(chunks_, next, at(next)->text, who[0]);
    if (object < 0) return;
  } else if (kind(next) == ChunkKind::kQuality || kind(next) == ChunkKind::kQuote ||
             kind(next) == ChunkKind::kOther) {
    return;
  }
  if (!object_fits(v, object, next)) return;
  const size_t first = caption_.facts.size();
  for (const int doer : who) {
    Fact& fact = add(Kind::kAction, doer);
    fact.verb = v.verb;
    fact.value = v.verb->base + particle;
    fact.object = object;
    fact.negated = v.negated;
    fact.silent = before_clause(k);
    // "sits down": stood before
    if (at(k + 1) && (at(k + 1)->text == "down" || at(k + 1)->text == "up")) fact.contrast = "changes";
  }
  if (who.size() == 1) events_.push_back({k, static_cast<int>(first)});
  if (kind(next) == ChunkKind::kThing) ++next;
  if (at(k + 1) && at(k + 1)->direction && v.verb->kind == VerbKind::kMotion && !v.negated) {
    for (const int doer : who) {
      Fact& fact = add(Kind::kDirection, doer);
      fact.value = at(k + 1)->text;
      fact.contrast = opposite_direction(fact.value);
    }
  }
}

bool Reader::object_fits(const Chunk& v, int object, size_t next) const {
  using VerbKind = VerbEntry::Kind;
  if (object < 0) return v.verb->kind != VerbKind::kObject;
  const Thing& o = named(object);
  if (!o.sure || o.negated || o.name == "camera") return false;
  if (kind(next) == ChunkKind::kThing) {
    // "as the band plays the crowd cheers": the next clause's subject
    const Chunk* after = at(next + 1);
    if (after && after->kind == ChunkKind::kVerb && after->finite()) return false;
    // "waters a single flower", "eats an ice cream and a cake" are fine; "paints the wall red" is more than
    // that
    if (after && after->kind == ChunkKind::kQuality) return false;
    // "pulls a dove out of a hat": without where from it is another deed
    if (after && after->kind == ChunkKind::kPreposition && after->text == "from" && v.verb->base == "pull")
      return false;
    // "hands the man a letter"
    if (after && after->kind == ChunkKind::kThing) return false;
  }
  if (o.noun && o.noun->category == "abstract") return v.verb->base == "play" && !o.determined;
  static const std::set<std::string> over = {"climb", "fly", "jump", "roll", "spin", "swing", "bounce"};
  if (v.verb->kind == VerbKind::kMotion) return over.count(v.verb->base) > 0;
  return v.verb->kind == VerbKind::kObject || v.verb->kind == VerbKind::kBoth;
}

void Reader::copula(size_t k) {
  const Chunk& v = chunks_.list[k];
  if (v.negated || (v.auxiliary != "is" && v.auxiliary != "are") || kind(k + 1) != ChunkKind::kQuality)
    return;
  const AttributeEntry* entry = find_attribute(at(k + 1)->text);
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
    fact.value = entry->phrase;
  }
}

void Reader::camera(size_t k) {
  const Chunk& v = chunks_.list[k];
  if (v.negated || !v.verb) return;
  std::string text = v.verb->base, best;
  for (size_t n = 0; n < 4; ++n) {
    if (camera_moves().count(text)) best = text;
    const size_t i = v.end + n;
    if (i >= tokens_.size() || tokens_[i].kind != Token::Kind::kWord) break;
    text += " " + tokens_[i].text;
  }
  if (best.empty()) return;
  std::string whom;
  if (best == "follow" || best == "track" || best == "circle" || best == "orbit") {
    size_t next = k + 1;  // "follows a cyclist", "orbits around a statue"
    const bool around = kind(next) == ChunkKind::kPreposition && at(next)->text == "around";
    next += around;
    if (kind(next) == ChunkKind::kThing && thing_at(next).sure && thing_at(next).noun &&
        !thing_at(next).proper)
      whom = (around ? " around the " : " the ") + thing_at(next).name;
    if (whom.empty() && best != "orbit" && best != "circle") return;
  }
  Fact& fact = add(Kind::kCamera, subjects_[k][0]);
  fact.value = best + whom;
  fact.contrast = camera_moves().at(best);
  fact.silent = before_clause(k);
  events_.push_back({k, static_cast<int>(caption_.facts.size()) - 1});
}

void Reader::orders() {
  for (size_t e = 0; e + 1 < events_.size(); ++e) {
    const auto [k1, f1] = events_[e];
    const auto [k2, f2] = events_[e + 1];
    const Fact& a = caption_.facts[static_cast<size_t>(f1)];
    const Fact& b = caption_.facts[static_cast<size_t>(f2)];
    if (a.negated || b.negated || (a.verb == b.verb && a.thing == b.thing && a.value == b.value)) continue;
    std::string link;
    bool sentence = false, other_verb = false;
    for (size_t k = k1 + 1; k < k2; ++k) {
      if (kind(k) == ChunkKind::kEnd) {
        sentence = true;
        link.clear();  // only what the next sentence begins with
      }
      if (kind(k) == ChunkKind::kLink) {
        const bool heads = !sentence || before(k) == ChunkKind::kEnd;
        link = heads && (link.empty() || link == at(k)->text) ? at(k)->text : "?";
      }
      if (kind(k) == ChunkKind::kVerb &&
          !(k + 1 == k2 && at(k)->verb && (at(k)->verb->base == "begin" || at(k)->verb->base == "start")))
        other_verb = true;
    }
    const std::string head = sentence_head(k1);
    int first = -1, second = -1;
    if (other_verb) continue;
    if (link == "then" || (link == "before" && !sentence) || (link == "until" && !sentence)) {
      first = f1;
      second = f2;
    } else if (link == "after" && !sentence) {
      first = f2;
      second = f1;
    } else if (link.empty() && !sentence && (head == "before" || head == "after")) {
      first = head == "after" ? f1 : f2;
      second = head == "after" ? f2 : f1;
    }
    if (first < 0) continue;
    Fact& fact = add(Kind::kOrder, caption_.facts[static_cast<size_t>(first)].thing);
    fact.first = first;
    fact.second = second;
  }
}

std::string Reader::sentence_head(size_t k) const {
  while (k > 0 && kind(k - 1) != ChunkKind::kEnd) --k;
  return kind(k) == ChunkKind::kLink ? at(k)->text : "";
}

}  // namespace drf::critic
