// What somebody does not do and does not have.
#include <algorithm>

#include "drf/templates/reader.h"

namespace drf::templates {

// "does not move until the bell rings", "never smiles unless he wins": there is more to the denial than its
// deed.
bool Reader::denied_in_part(size_t k) const {
  static const std::set<std::string> bounds = {"until", "till",    "unless", "first", "only",
                                               "just",  "without", "again",  "when",  "before"};
  for (size_t i = at(k)->begin; i < tokens_.size() && tokens_[i].text != "." && tokens_[i].text != ";"; ++i) {
    if (bounds.count(tokens_[i].text)) return true;
  }
  for (size_t i = at(k)->begin; i > 0 && tokens_[i - 1].text != "." && tokens_[i - 1].text != ";"; --i) {
    if (tokens_[i - 1].text == "first" && i > 1 && tokens_[i - 2].text == "at") return true;
  }
  // "does not move, then it jumps"
  static const std::set<std::string> turns = {"then",  "suddenly",   "finally",
                                              "later", "eventually", "afterwards"};
  const bool without = at(k)->begin > 0 && tokens_[at(k)->begin - 1].text == "without";
  for (size_t i = at(k)->begin; !without && i < tokens_.size(); ++i) {
    if (turns.count(tokens_[i].text)) return true;
  }
  return false;
}

// "doesn't have an umbrella"; true where the verb has been read.
bool Reader::lacks(size_t k) {
  const Chunk& v = chunks_.list[k];
  const std::vector<int>& who = subjects_[k];
  if (v.verb || v.text != "have" || !v.negated || who.size() != 1 || kind(k + 1) != ChunkKind::kThing ||
      (v.auxiliary != "does" && v.auxiliary != "do"))
    return false;
  const Thing& t = thing_at(k + 1);
  const bool again = std::any_of(chunks_.things.begin(), chunks_.things.end(), [&](const Thing& other) {
    return &other != &t && other.noun && t.noun && other.noun->kin == t.noun->kin;
  });
  if (t.sure && t.noun && !t.proper && !t.definite && t.noun->visible() && t.noun->category != "place" &&
      t.attributes.empty() && !again && !only_of_these(k + 1) && kind(k + 2) != ChunkKind::kOther &&
      (kind(k + 2) != ChunkKind::kPreposition || kind(k + 3) != ChunkKind::kThing))
    add(Kind::kAbsent, at(k + 1)->thing).object = who[0];
  return true;
}

// "isn't sitting on his chair", "doesn't look up": the deed is denied with all that is told of it, not by
// itself. The facts of the deed are the last ones, from `first` on; what stands behind it and its object is
// at chunk `next`.
void Reader::deny(size_t k, size_t first, size_t next) {
  const size_t last = caption_.facts.size();
  const std::string behind = at(next) ? at(next)->text : "";
  static const std::set<std::string> whole = {"down", "up", "there", "here"};
  const bool at_all =
      behind == "at" && at(next)->end < tokens_.size() && tokens_[at(next)->end].text == "all";
  bool more = kind(next) == ChunkKind::kPreposition || kind(next) == ChunkKind::kQuality ||
              kind(next) == ChunkKind::kOther || kind(next) == ChunkKind::kPronoun;
  more |= kind(next) == ChunkKind::kAdverb && !whole.count(behind);
  more |= kind(next) == ChunkKind::kVerb && (at(next)->ing || at(next)->infinitive);
  more |= kind(next) == ChunkKind::kLink && behind == "as";
  if (!more || at_all) return;
  for (size_t f = first; f < last; ++f) {
    caption_.facts[f].silent = true;
    Fact action = caption_.facts[f];
    action.silent = false;
    placed(k, action, next);
  }
}

}  // namespace drf::templates
