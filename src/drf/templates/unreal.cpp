// What a caption only speaks of: compared to, wished for, shown in a picture.
#include "drf/templates/reader.h"

namespace drf::templates {

bool Reader::unreal(size_t k) const {
  if (irreal_) return true;
  if (before(k) == ChunkKind::kPreposition) {
    static const std::set<std::string> of_nothing = {"like",    "unlike", "than",  "for", "about",
                                                     "despite", "except", "style", "per", "via"};
    const std::string& text = chunks_.list[k - 1].text;
    if (of_nothing.count(text)) return true;
    // "seen from the choir": where the camera stands
    static const std::set<std::string> views = {"seen",     "viewed",   "filmed",  "photographed",
                                                "captured", "observed", "watched", "shot"};
    const size_t from = at(k - 1)->begin;
    if (text == "from" && from > 0 && views.count(tokens_[from - 1].text)) return true;
    if (text == "of" && (k < 2 || kind(k - 2) != ChunkKind::kThing)) return true;  // "dreaming of dragons"
    if (text == "into" && thing_at(k).living()) return true;                       // "twists it into a dog"
    // "a snake with the head of a rooster"
    if (text == "of" && k >= 3 && kind(k - 2) == ChunkKind::kThing && thing_at(k - 2).noun &&
        thing_at(k - 2).noun->category == "body" && kind(k - 3) != ChunkKind::kEnd)
      return true;
    if (text == "of" && k >= 2 && kind(k - 2) == ChunkKind::kThing) {
      const NounEntry* whole = thing_at(k - 2).noun;  // "the steps of a temple", but not "the king of hearts"
      if (whole && (whole->kin == "statue" || whole->kin == "billboard")) return true;
      // "a tattoo of a dragon", "the shadow of a man": of whom no more need be seen
      static const std::set<std::string> images = {"tattoo",  "tattoos", "shadow",    "shadows",
                                                   "outline", "carving", "engraving", "emblem"};
      if (images.count(thing_at(k - 2).name)) return true;
      // "in the attic of my grandmother"
      if (whole && whole->category == "place" && thing_at(k).living() && !thing_at(k).plural) return true;
      return !whole ||
             (whole->category != "part" && whole->category != "body" && whole->category != "structure" &&
              whole->category != "tableware" && whole->category != "place");
    }
    static const std::set<std::string> speaks = {"talk", "speak", "point", "wait", "look"};
    if (k >= 2 && kind(k - 2) == ChunkKind::kVerb) {
      const Chunk& v = chunks_.list[k - 2];
      if (v.verb && speaks.count(v.verb->base) && !v.negated && !v.modal && text != "on") return false;
      return unreal_verb(v);
    }
  }
  if (before(k) == ChunkKind::kVerb) return unreal_verb(chunks_.list[k - 1]) || depicted(k) || nobodys(k);
  if (before(k) == ChunkKind::kLink)
    return (chunks_.list[k - 1].text == "as" || chunks_.list[k - 1].text == "after" ||
            chunks_.list[k - 1].text == "before" || chunks_.list[k - 1].text == "until") &&
           kind(k + 1) != ChunkKind::kVerb && kind(k + 1) != ChunkKind::kAdverb;
  if (before(k) == ChunkKind::kAnd && k >= 2 && kind(k - 2) == ChunkKind::kThing &&
      kind(k + 1) != ChunkKind::kVerb)
    return unreal(k - 2);
  return before(k) == ChunkKind::kOther && k > 0;
}

// "nobody wears a hat"
bool Reader::nobodys(size_t k) const {
  if (thing_at(k).definite) return false;
  for (size_t i = at(k - 1)->begin; i > 0 && tokens_[i - 1].kind == Token::Kind::kWord; --i) {
    const std::string& w = tokens_[i - 1].text;
    const bool none = w == "one" && i > 1 && tokens_[i - 2].text == "no";
    if (none || w == "nobody" || w == "noone" || w == "neither") return true;
    if (w == "and" || w == "but" || w == "while" || w == "as") return false;
  }
  return false;
}

// "carves a whale", "draws a house": its picture, where it is not what the color goes on
bool Reader::depicted(size_t k) const {
  static const std::set<std::string> depicts = {"carve",     "sculpt", "draw",     "paint",  "sketch",
                                                "embroider", "fold",   "scribble", "chisel", "whittle",
                                                "mold",      "mould",  "doodle",   "etch"};
  const Chunk& v = chunks_.list[k - 1];
  if (!v.verb || !depicts.count(v.verb->base)) return false;
  const NounEntry* noun = thing_at(k).noun;
  if (!noun) return true;
  static const std::set<std::string> surfaces = {"fence",  "wall", "door",  "window",
                                                 "canvas", "boat", "chair", "table"};
  return noun->category != "clothing" && noun->category != "mass" && !surfaces.count(noun->kin) &&
         noun->group != "part";
}

bool Reader::unreal_verb(const Chunk& verb) {
  static const std::set<std::string> of_nothing = {
      "want",     "need",      "wish",      "hope",      "think",   "know",     "believe", "remember",
      "forget",   "avoid",     "prevent",   "represent", "match",   "dream",    "search",  "tell",
      "ask",      "become",    "seem",      "wonder",    "look",    "resemble", "refuse",  "prefer",
      "call",     "decide",    "plan",      "try",       "attempt", "talk",     "speak",   "lose",
      "miss",     "like",      "love",      "hate",      "learn",   "teach",    "prepare", "wait",
      "turn",     "transform", "morph",     "order",     "protect", "point",    "imagine", "envision",
      "envisage", "visualize", "visualise", "fantasize", "picture"};
  return verb.negated || verb.modal || (verb.verb && of_nothing.count(verb.verb->base)) ||
         (!verb.verb && verb.auxiliary != "has" && verb.auxiliary != "have");
}

// "pencil on paper", "oil on canvas": what a picture is made with
bool Reader::is_medium(size_t k) const {
  static const std::set<std::string> tools = {"pencil", "pen",    "ink",   "oil",  "charcoal",
                                              "paint",  "crayon", "chalk", "brush"};
  static const std::set<std::string> grounds = {"paper", "canvas"};
  const auto bare = [&](size_t i, const std::set<std::string>& words) {
    return kind(i) == ChunkKind::kThing && !thing_at(i).determined && words.count(thing_at(i).name) > 0;
  };
  const auto on = [&](size_t i) { return kind(i) == ChunkKind::kPreposition && at(i)->text == "on"; };
  return (bare(k, tools) && on(k + 1) && bare(k + 2, grounds)) || (k >= 1 && bare(k, grounds) && on(k - 1));
}

}  // namespace drf::templates
