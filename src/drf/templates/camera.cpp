// What the camera does.
#include "drf/templates/reader.h"

namespace drf::templates {

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
  if (best.empty() && text.rfind("stop", 0) == 0) {  // no move, but the end of one
    Fact& fact = add(Kind::kCamera, subjects_[k][0]);
    fact.value = "stop";
    fact.silent = true;
    events_.push_back({k, static_cast<int>(caption_.facts.size()) - 1});
    return;
  }
  if (best.empty()) {
    camera_path(k);
    return;
  }
  const auto along = [&](size_t next) {
    return kind(next) == ChunkKind::kPreposition && (at(next)->text == "along" || at(next)->text == "past");
  };
  if (best == "track" && along(k + 1)) {
    camera_path(k);
    return;
  }
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
  const Fact move = fact;
  events_.push_back({k, static_cast<int>(caption_.facts.size()) - 1});
  const std::string how = manner(k, k + 1);
  if (how.empty() || move.silent || best == "stay still" || best == "remain still") return;
  Fact& pace = caption_.facts.emplace_back(move);
  pace.value += " " + how;
  pace.contrast = move.value + (how == "slowly" ? " quickly" : " slowly");
}

// "glides past a row of looms", "turns to the window": a move that has no contrary.
void Reader::camera_path(size_t k) {
  static const std::set<std::string> moves = {"glide", "drift",   "move",  "fly",    "sweep", "turn",
                                              "swing", "travel",  "float", "slide",  "rush",  "sink",
                                              "rise",  "descend", "climb", "follow", "track", "truck"};
  static const std::set<std::string> ways = {"past", "through", "over",   "along", "toward", "towards",
                                             "to",   "across",  "around", "above", "into"};
  const Chunk& v = chunks_.list[k];
  size_t next = k + 1;
  while (kind(next) == ChunkKind::kAdverb && ends_with(at(next)->text, "ly")) ++next;
  if (!moves.count(v.verb->base) || kind(next) != ChunkKind::kPreposition || !ways.count(at(next)->text) ||
      kind(next + 1) != ChunkKind::kThing)
    return;
  const Thing& t = thing_at(next + 1);
  if (!t.sure || t.negated || t.proper || !(t.noun || t.determined) || kind(next + 2) == ChunkKind::kOther ||
      kind(next + 2) == ChunkKind::kThing || kind(next + 2) == ChunkKind::kQuality)
    return;
  if (kind(next + 2) == ChunkKind::kPreposition && at(next + 2)->text == "of")
    return;  // "the foot of the hill"
  for (const Thing& other : chunks_.things) {
    if (&other != &t && other.name == t.name) return;
  }
  Fact& fact = add(Kind::kCamera, subjects_[k][0]);
  fact.value = v.verb->base + " " + at(next)->text + " the " + t.name;
  fact.silent = before_clause(k);
  events_.push_back({k, static_cast<int>(caption_.facts.size()) - 1});
}

}  // namespace drf::templates
