// Which things a caption says are there, which it denies, and which it only speaks of.
#include "drf/critic/templates_reader.h"

namespace drf::critic {

bool Reader::denied(size_t k) const {
  if (thing_at(k).negated) return true;
  if (before(k) == ChunkKind::kPreposition) return chunks_.list[k - 1].text == "without";
  if (before(k) == ChunkKind::kAnd && k >= 2 && kind(k - 2) == ChunkKind::kThing &&
      chunks_.list[k - 1].text != "but")
    return denied(k - 2);
  return false;
}

bool Reader::unreal(size_t k) const {
  if (irreal_) return true;
  if (before(k) == ChunkKind::kPreposition) {
    static const std::set<std::string> of_nothing = {"like",    "unlike", "than",  "for", "about",
                                                     "despite", "except", "style", "per", "via"};
    const std::string& text = chunks_.list[k - 1].text;
    if (of_nothing.count(text)) return true;
    if (text == "of" && (k < 2 || kind(k - 2) != ChunkKind::kThing)) return true;  // "dreaming of dragons"
    if (text == "into" && thing_at(k).living()) return true;                       // "twists it into a dog"
    if (text == "of" && k >= 2 && kind(k - 2) == ChunkKind::kThing) {
      const NounEntry* whole = thing_at(k - 2).noun;  // "the steps of a temple", but not "the king of hearts"
      if (whole && (whole->kin == "statue" || whole->kin == "billboard")) return true;
      return !whole ||
             (whole->category != "part" && whole->category != "body" && whole->category != "structure" &&
              whole->category != "tableware" && whole->category != "place");
    }
    if (k >= 2 && kind(k - 2) == ChunkKind::kVerb) return unreal_verb(chunks_.list[k - 2]);
  }
  if (before(k) == ChunkKind::kVerb) return unreal_verb(chunks_.list[k - 1]);
  if (before(k) == ChunkKind::kLink)
    return (chunks_.list[k - 1].text == "as" || chunks_.list[k - 1].text == "after" ||
            chunks_.list[k - 1].text == "before" || chunks_.list[k - 1].text == "until") &&
           kind(k + 1) != ChunkKind::kVerb && kind(k + 1) != ChunkKind::kAdverb;
  if (before(k) == ChunkKind::kAnd && k >= 2 && kind(k - 2) == ChunkKind::kThing &&
      kind(k + 1) != ChunkKind::kVerb)
    return unreal(k - 2);
  return before(k) == ChunkKind::kOther && k > 0;
}

bool Reader::unreal_verb(const Chunk& verb) {
  static const std::set<std::string> of_nothing = {
      "want",   "need",   "wish",      "hope",      "think",   "know",     "believe", "remember",
      "forget", "avoid",  "prevent",   "represent", "match",   "dream",    "search",  "tell",
      "ask",    "become", "seem",      "wonder",    "look",    "resemble", "refuse",  "prefer",
      "call",   "decide", "plan",      "try",       "attempt", "talk",     "speak",   "lose",
      "miss",   "miss",   "like",      "love",      "hate",    "learn",    "teach",   "prepare",
      "wait",   "turn",   "transform", "morph",     "order",   "protect",  "point"};
  return verb.negated || verb.modal || (verb.verb && of_nothing.count(verb.verb->base)) ||
         (!verb.verb && verb.auxiliary != "has" && verb.auxiliary != "have");
}

void Reader::thing(size_t k) {
  const Chunk& chunk = chunks_.list[k];
  const Thing& t = named(chunk.thing);
  if (!mentioned_.insert(chunk.thing).second) return;
  if (denied(k)) {
    absent(k);
    return;
  }
  if (!t.sure || unreal(k) || before_clause(k)) return;
  if (t.name == "camera") return;  // the one that films
  if (t.name == "sun" &&
      !(kind(k + 1) == ChunkKind::kVerb && at(k + 1)->verb && at(k + 1)->verb->base == "shine"))
    return;  // it may only light what is seen
  if (t.proper) {
    if (!(k > 0 && kind(k - 1) == ChunkKind::kPreposition && chunks_.list[k - 1].text == "style"))
      add(Kind::kExists, chunk.thing);
    return;
  }
  if (t.noun && t.noun->category == "place") {
    setting(k);
    return;
  }
  const bool scenery = t.noun && t.noun->category == "part";
  if (scenery) {
    static const std::set<std::string> seen = {"background", "sky", "floor", "ceiling", "screen"};
    if (seen.count(t.name)) attributes(chunk.thing);
    return;
  }
  if (t.noun && t.noun->category == "body") {
    attributes(chunk.thing);
    return;
  }
  if (!t.visible()) return;
  if (!t.noun && kind(k + 1) == ChunkKind::kQuality) return;
  add(Kind::kExists, chunk.thing);
  if (t.count > 1 && t.count <= 12) add(Kind::kCount, chunk.thing);
  attributes(chunk.thing);
}

bool Reader::before_clause(size_t k) const {
  for (size_t i = k; i > 0; --i) {
    const Chunk& chunk = chunks_.list[i - 1];
    if (chunk.kind == ChunkKind::kEnd || chunk.kind == ChunkKind::kComma) return false;
    if (chunk.kind == ChunkKind::kLink) return chunk.text == "before" || chunk.text == "after";
  }
  return false;
}

void Reader::attributes(int index) {
  for (const auto& [entry, phrase] : named(index).attributes) {
    Fact& fact = add(Kind::kAttribute, index);
    fact.attribute = entry;
    fact.value = phrase;
  }
}

void Reader::absent(size_t k) {
  const Thing& t = thing_at(k);
  if (!t.sure || irreal_ || t.proper || !t.noun || !t.noun->visible() || t.noun->category == "place" ||
      !t.attributes.empty())
    return;
  for (const Thing& other : chunks_.things) {
    if (&other != &t && other.noun && other.noun->kin == t.noun->kin) return;
  }
  int whom = -1;
  bool scene = false;
  if (before(k) == ChunkKind::kPreposition || before(k) == ChunkKind::kAnd) {
    // "a painter without a brush" says nothing of other brushes, "a kitchen without smoke" does
    size_t i = k - 1;
    while (i > 0 && kind(i) != ChunkKind::kPreposition) --i;
    if (i == 0 || kind(i - 1) != ChunkKind::kThing) return;
    const Thing& near = thing_at(i - 1);
    scene = near.noun && (near.noun->category == "place" || near.name == "room");
    if (!scene && near.sure && near.visible()) whom = chunks_.list[i - 1].thing;
    if (!scene && near.noun &&
        near.noun->category == "body") {  // "a turtle with a house on its back instead of a shell"
      size_t first = i;
      while (first > 0 && kind(first - 1) != ChunkKind::kEnd) --first;
      if (kind(first) == ChunkKind::kThing && thing_at(first).sure && thing_at(first).visible())
        whom = chunks_.list[first].thing;
    }
    if (whom >= 0 && t.noun->category == "clothing" && !named(whom).living()) {
      size_t first = i;  // "a man wearing sunglasses but no shirt"
      while (first > 0 && kind(first - 1) != ChunkKind::kEnd) --first;
      const bool worn = near.noun && near.noun->category == "clothing";
      whom = worn && kind(first) == ChunkKind::kThing && thing_at(first).sure && thing_at(first).living()
                 ? chunks_.list[first].thing
                 : -1;
    }
    if (!scene && whom < 0) return;
  } else if (t.noun->category == "clothing" || before(k) == ChunkKind::kVerb) {
    return;  // whose it would be is open
  }
  add(Kind::kAbsent, chunks_.list[k].thing).object = whom;
}

void Reader::setting(size_t k) {
  const Thing& t = thing_at(k);
  static const std::set<std::string> where = {"in",     "at",    "on",     "through",
                                              "across", "along", "inside", "down"};
  const bool stated = before(k) == ChunkKind::kPreposition && where.count(chunks_.list[k - 1].text) > 0;
  const bool alone =
      k == 0 || (caption_.tags && kind(k + 1) != ChunkKind::kVerb && kind(k + 1) != ChunkKind::kAnd);
  if (t.plural && t.noun->kin != "forest") return;
  if (!stated && !(alone && kind(k + 1) != ChunkKind::kVerb)) return;
  add(Kind::kSetting, chunks_.list[k].thing);
  for (const auto& [entry, phrase] : t.attributes) {
    if (!entry || entry->kind != AttributeEntry::Kind::kColor) continue;
    Fact& fact = add(Kind::kAttribute, chunks_.list[k].thing);
    fact.attribute = entry;
    fact.value = phrase;
  }
}

}  // namespace drf::critic
