// Nouns that only look like something to be seen: what a picture is drawn with, what dough is made into, the
// window that a light comes from, half of a misspelled word, what is told of another day.
#include <algorithm>

#include "drf/templates/lexicon.h"
#include "drf/templates/reader.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

// Right spellings that are often meant for another word.
const Words kHomophones = {"beech", "sale", "pail", "hare", "stake",
                           "waist", "tale", "isle", "rein", "mussel"};
const Words kDrawn = {"drawn", "sketched", "colored", "coloured", "scribbled", "illustrated", "made", "done"};
const Words kDrawnWith = {"pen",     "pens",  "crayon",   "crayons", "pencil", "pencils",
                          "markers", "chalk", "charcoal", "brush",   "ink",    "felt"};
const Words kForms = {"ball",   "balls",     "disc",   "disk",  "circle", "cone", "log",  "coil",
                      "spiral", "rectangle", "square", "strip", "strips", "cube", "cubes"};
const Words kDough = {"dough",  "clay",       "pastry", "paste", "mixture", "batter",
                      "butter", "plasticine", "meat",   "rice",  "snow"};
const Words kCalled = {"guys",   "folks", "friends", "ladies",  "gentlemen",
                       "people", "dude",  "bro",     "everyone"};
const Words kCalls = {"ok",      "okay",  "hi",   "hey",     "hello",  "so",
                      "alright", "right", "well", "welcome", "thanks", "yo"};
const Words kHours = {"noon", "midnight", "dawn", "dusk", "night", "morning", "evening", "today", "tonight"};
const Words kUntil = {"by", "until", "till", "before", "after"};
const Words kMakers = {"painter",  "sculptor",     "artist", "architect", "author", "composer",
                       "director", "photographer", "carver", "weaver",    "writer", "engraver"};
const Words kHerds = {"sheep", "deer",  "fish",     "cattle", "police", "people",
                      "men",   "women", "children", "geese",  "mice"};
const Words kOtherDays = {"tomorrow", "yesterday", "forecast"};

bool ends_telling(const Token& token) {
  return token.kind == Token::Kind::kMark && (token.text == "." || token.text == ";");
}

}  // namespace

// "Tomorrow will be sunny", "Long ago a king had three sons": of another day than the picture's.
bool of_another_day(const std::vector<Token>& tokens, size_t i) {
  size_t begin = i, end = i;
  while (begin > 0 && !ends_telling(tokens[begin - 1])) --begin;
  while (end < tokens.size() && !ends_telling(tokens[end])) ++end;
  const std::string &first = word_at(tokens, begin), &second = word_at(tokens, begin + 1);
  static const Words times = {"night", "week", "month", "year", "summer", "winter"};
  for (size_t k = begin; k < end; ++k) {
    const std::string& w = word_at(tokens, k);
    if (w == "ago" || (w == "last" && k + 1 < end && times.count(word_at(tokens, k + 1)) &&
                       (k == 0 || word_at(tokens, k - 1) != "the")))
      return true;
  }
  if ((first == "long" && second == "ago") || (first == "once" && second == "upon")) return true;
  return std::any_of(tokens.begin() + static_cast<long>(begin), tokens.begin() + static_cast<long>(end),
                     [](const Token& token) { return kOtherDays.count(token.text) > 0; });
}

bool is_called(const std::vector<Token>& tokens, size_t i) {
  return i > 0 && kCalled.count(word_at(tokens, i)) > 0 && kCalls.count(word_at(tokens, i - 1)) > 0;
}

// "soft light from a window on the left", "light comes from a window": the light is seen, not where it is
// from.
bool Reader::only_lights(size_t k) const {
  if (k < 2 || before(k) != ChunkKind::kPreposition || at(k - 1)->text != "from") return false;
  static const Words openings = {"window", "windows", "skylight", "door", "doorway", "porthole"};
  const std::string& name = thing_at(k).name;
  if (!openings.count(name.substr(name.rfind(' ') + 1))) return false;
  static const Words lights = {"light", "sunlight", "daylight", "moonlight",
                               "glow",  "sunshine", "beam",     "rays"};
  for (size_t i = at(k - 1)->begin; i > 0 && tokens_[i - 1].kind == Token::Kind::kWord; --i) {
    const std::string& w = tokens_[i - 1].text;
    if (lights.count(w)) return true;
    if (is_a("determiner", w) || w == "and") return false;
  }
  return false;
}

// "the red car brakes late into the hairpin", "the bathroom door swings open": rather what it does.
bool Reader::may_do(size_t k) const {
  const Chunk& chunk = *at(k);
  const Thing& t = named(chunk.thing);
  const std::string& last = tokens_[t.at].text;
  if (!t.plural || t.count > 0 || t.at == chunk.begin || t.at + 1 != chunk.end || !ends_with(last, "s"))
    return false;
  const std::string &article = tokens_[chunk.begin].text, &first = tokens_[t.at - 1].text;
  static const Words ones = {"the", "a", "an", "his", "her", "its", "their", "this", "that", "my", "our"};
  const NounEntry* who = find_noun(first);
  const VerbForm* form = find_verb(last);
  if (!ones.count(article) || !who || who->plural || !(form ? form->third : !lexicon_verb(last).empty()))
    return false;
  // in a phrase of its own, where no other verb follows
  const bool opens = before(k) == ChunkKind::kEnd || before(k) == ChunkKind::kComma ||
                     before(k) == ChunkKind::kAnd || before(k) == ChunkKind::kLink ||
                     before(k) == ChunkKind::kOther;
  const std::string& next = chunk.end < tokens_.size() ? tokens_[chunk.end].text : last;
  if (opens && (next == "open" || next == "shut")) return true;
  return opens && !(kind(k + 1) == ChunkKind::kVerb && (at(k + 1)->base || !at(k + 1)->auxiliary.empty()));
}

// "Whisk three eggs", "and pipe little nests": an order to do it.
bool Reader::may_be_order(size_t k) const {
  const Chunk& chunk = *at(k);
  const Thing& t = named(chunk.thing);
  if (t.determined || t.plural || chunk.end != chunk.begin + 1) return false;
  if (before(k) == ChunkKind::kAnd || before(k) == ChunkKind::kLink)
    return kind(k + 1) == ChunkKind::kThing && !base_form(tokens_[chunk.begin].text).empty();
  return before(k) == ChunkKind::kEnd && tells_to_do(tokens_, chunk.begin);
}

// Who films, who made the film, and what is only heard: "dad films", "from the makers of Hush", "a phone
// rings inside the wall".
bool Reader::off_screen(size_t k) const {
  const Chunk& chunk = *at(k);
  const Thing& t = named(chunk.thing);
  const std::string &next = word_at(tokens_, chunk.end), &then = word_at(tokens_, chunk.end + 1);
  static const Words films = {"films", "filming", "records", "recording"};
  static const Words makers = {"makers", "creators", "producers", "director", "creator", "studio"};
  static const Words hidden = {"inside",  "behind",   "somewhere",  "off",
                               "outside", "upstairs", "downstairs", "next"};
  static const Words heard = {"rings", "buzzes", "ringing", "chimes", "tolls"};
  if (t.living() && films.count(next) && (then.empty() || !is_a("determiner", then))) return true;
  if (makers.count(t.name) && k > 0 && before(k) == ChunkKind::kPreposition && at(k - 1)->text == "from")
    return true;
  // "my bestie": who may be anybody
  if (!t.noun && !t.proper && (tokens_[chunk.begin].text == "my" || tokens_[chunk.begin].text == "our"))
    return true;
  return heard.count(next) > 0 && hidden.count(then) > 0;
}

// Whether the word at i ends in the name of a part of a body that stands alone: "the dogs head and".
bool Reader::misses_apostrophe(const Chunk& chunk) const {
  const Thing& t = named(chunk.thing);
  if (!t.living() || !t.plural || chunk.end >= tokens_.size() ||
      tokens_[chunk.end].kind != Token::Kind::kWord || !ends_with(t.name, "s"))
    return false;
  const NounEntry* part = find_noun_beside(tokens_[chunk.end].text);
  if (!part || part->plural || part->category != "body") return false;
  const std::string next = chunk.end + 1 < tokens_.size() ? tokens_[chunk.end + 1].text : "";
  static const Words behind = {"", "and", "but", "while", "as", ".", ",", "is", "with", "in", "on"};
  return behind.count(next) > 0;
}

void Reader::doubt_apparent() {
  const auto word = [&](size_t i) { return i < tokens_.size() ? tokens_[i].text : std::string(); };
  const auto any = [&](const Words& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](const auto& w) { return caption_.words.count(w) > 0; });
  };
  const auto slips =
      std::count_if(tokens_.begin(), tokens_.end(), [](const Token& token) { return token.slip; });
  const bool dough = any(kDough);
  Words modifiers;                // of nouns that have been named: "canvas"
  size_t read = 0, sentence = 0;  // tokens that these were looked for in, and where the sentence ends
  bool another_day = false;
  for (size_t k = 0; k < chunks_.list.size(); ++k) {
    if (kind(k) != ChunkKind::kThing) continue;
    const Chunk& chunk = chunks_.list[k];
    if (chunk.begin >= sentence) {
      another_day = of_another_day(tokens_, chunk.begin);
      for (sentence = chunk.begin; sentence < tokens_.size() && !ends_telling(tokens_[sentence]);) ++sentence;
    }
    Thing& t = chunks_.things[static_cast<size_t>(chunk.thing)];
    if (t.at < chunk.begin || t.at >= chunk.end) continue;  // named before
    const std::string last = t.name.substr(t.name.rfind(' ') + 1);
    if (another_day || only_lights(k) || misses_apostrophe(chunk) || may_do(k) || may_be_order(k) ||
        off_screen(k) || t.name.rfind("play ", 0) == 0)
      t.sure = false;
    // "race sidecar motorcycles": no word by itself
    const NounEntry* goes_on =
        t.determined || t.plural || t.mass() || t.proper ? nullptr : find_noun(word(chunk.end));
    if (goes_on && goes_on->plural && !find_verb(word(chunk.end))) t.sure = false;
    // "sheep bolt through a gap"
    if (!t.determined && t.name.find(' ') != std::string::npos &&
        kHerds.count(t.name.substr(0, t.name.find(' '))) && !base_form(last).empty())
      t.sure = false;
    // "Traffic camera: a cyclist ...", "Body camera, night: ...": the one that films
    const bool heads = word(chunk.end) == ":" || (chunk.begin == 0 && word(chunk.end) == ",");
    if (heads && (last == "camera" || last == "cam" || last == "dashcam" || last == "drone")) t.sure = false;
    // "The helmet was worn by a gladiator": once
    if (k > 1 && before(k) == ChunkKind::kPreposition && at(k - 1)->text == "by" &&
        kind(k - 2) == ChunkKind::kVerb &&
        (at(k - 2)->auxiliary == "was" || at(k - 2)->auxiliary == "were" || at(k - 2)->auxiliary == "had"))
      t.sure = false;
    // "Ok guys, lets open this": who watches
    if (is_called(tokens_, t.at)) t.sure = false;
    // "By noon clouds roll in", and who made what is shown: "the painter placed a dog at her feet"
    if (kHours.count(t.name.substr(0, t.name.find(' '))) && chunk.begin > 0 && !t.determined &&
        kUntil.count(word(chunk.begin - 1)))
      t.sure = false;
    if (kMakers.count(last) && kind(k + 1) == ChunkKind::kVerb && at(k + 1)->past &&
        at(k + 1)->auxiliary.empty() && kind(k + 2) == ChunkKind::kThing)
      t.sure = false;
    // "fries them with onion": of the stuff
    if (t.noun && t.noun->category == "food" && !t.determined && !t.negated && !t.plural &&
        t.attributes.empty() && k > 0 && before(k) == ChunkKind::kPreposition && at(k - 1)->text != "without")
      t.bare = true;
    if (last == "icecream" || (slips > 0 && kHomophones.count(last))) t.sure = false;
    // "drawn with felt pens"
    if (k > 0 && before(k) == ChunkKind::kPreposition && at(k - 1)->text == "with" && at(k - 1)->begin > 0 &&
        kDrawn.count(word(at(k - 1)->begin - 1)) && kDrawnWith.count(last))
      t.sure = false;
    // "bring the dough together into a ball"
    if (k > 0 && before(k) == ChunkKind::kPreposition && at(k - 1)->text == "into" && kForms.count(last) &&
        dough)
      t.sure = false;
    // "under patched canvas roofs ... the wind lifts the canvas"
    for (; read + 1 < t.at; ++read) {
      const NounEntry* whole = find_noun(word(read + 1));
      const VerbForm* verb = find_verb(word(read + 1));
      if (whole && !whole->living() && whole->visible() && (!verb || !verb->third || whole->plural))
        modifiers.insert(word(read));
    }
    if (t.definite && !t.living() && !t.mass() && word(chunk.begin) == "the" && modifiers.count(word(t.at)))
      t.sure = false;
    // "light falls through the stone folds": of stone, or it folds
    const AttributeEntry* stuff = t.attributes.empty() && !t.plural ? find_attribute(last) : nullptr;
    const VerbForm* folds = find_verb(word(chunk.end));
    if (stuff && stuff->kind == AttributeEntry::Kind::kMaterial && before(k) == ChunkKind::kPreposition &&
        folds && folds->third)
      t.sure = false;
  }
}

}  // namespace drf::templates
