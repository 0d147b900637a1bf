// What a parsed sentence names.
#include "drf/templates/clauses.h"
#include "drf/templates/lexicon.h"

namespace drf::templates {

// Whether the token tells that its sentence is of what is only imagined, compared or shown in a picture.
bool ClauseReader::unreal(size_t token) const {
  static const std::set<std::string> words = {
      "if",       "unless",     "whether",   "would",     "could",      "might",     "should",
      "imagine",  "imagines",   "imagining", "dream",     "dreams",     "dreaming",  "painting",
      "mural",    "poster",     "billboard", "photo",     "photograph", "picture",   "portrait",
      "drawing",  "tattoo",     "sculpture", "statue",    "reflection", "hologram",  "silhouette",
      "memory",   "pretends",   "pretend",   "resembles", "resembling", "remembers", "supposedly",
      "screen",   "television", "tv",        "movie",     "game",       "mirror",    "dressed",
      "costume",  "disguised",  "shaped",    "reverse",   "reversed",   "instead",   "except",
      "figurine", "toy",        "puppet",    "sign",      "depicting",  "showing",   "embroidered",
      "carved",   "printed",    "painted",   "logo",      "label",      "print",     "engraved"};
  // in somebody's head alone
  static const std::set<std::string> thoughts = {"imagine",   "envision",  "envisage",  "dream",   "picture",
                                                 "visualize", "visualise", "fantasize", "daydream"};
  const std::string& word = tokens_[token].text;
  return words.count(word) || thoughts.count(lexicon_verb(word));
}

// Sentences of which nothing is read: unreal ones, and those that are too short or too long for the parser.
bool ClauseReader::readable(size_t begin, size_t end) const {
  constexpr size_t kMaxTokens = 120;  // marks count here: nobody's sentence, and the parser's time
  if (end - begin > kMaxTokens) return false;
  size_t words = 0, as = 0;
  for (size_t i = begin; i < end; ++i) {
    if (tokens_[i].kind == Token::Kind::kQuote) continue;
    if (unreal(i)) return false;
    as += tokens_[i].text == "as";
    if (tokens_[i].kind == Token::Kind::kMark && tokens_[i].text != ",") return false;
    words += tokens_[i].kind == Token::Kind::kWord;
  }
  return words >= 3 && words <= 60 && as < 2;
}

// "Cinematic style, a kayaker paddles": where the sentence itself begins.
size_t ClauseReader::behind_look(size_t begin, size_t end) const {
  static const std::set<std::string> looks = {"style",     "look",        "shot",    "view",     "aesthetic",
                                              "angle",     "animation",   "footage", "close-up", "closeup",
                                              "timelapse", "time-lapse",  "motion",  "footage",  "film",
                                              "render",    "photography", "macro"};
  for (size_t i = begin; i < end && i < begin + 6; ++i) {
    const std::string& w = tokens_[i].text;
    if (w == ",") return i > begin && looks.count(tokens_[i - 1].text) ? i + 1 : begin;
    if (is_a("preposition", w) || is_a("auxiliary", w)) break;
  }
  return begin;
}

std::vector<int> ClauseReader::children(const Sentence& s, int of) const {
  std::vector<int> all;
  for (int i = 0; i < static_cast<int>(s.nodes.size()); ++i) {
    if (i != of && at(s, i).head == of) all.push_back(i);
  }
  return all;
}

int ClauseReader::child(const Sentence& s, int of, const char* dep) const {
  for (const int i : children(s, of)) {
    if (at(s, i).dep == dep) return i;
  }
  return -1;
}

int ClauseReader::known_thing(const Thing& wanted) const {
  int found = -1;
  for (size_t t = 0; t < caption_.things.size(); ++t) {
    const Thing& known = caption_.things[t];
    if (!known.sure || known.negated || known.proper) continue;
    const bool same = known.name == wanted.name || (wanted.name.find(' ') == std::string::npos &&
                                                    ends_with(known.name, " " + wanted.name));
    if (!same) continue;
    if (found >= 0) return -2;
    found = static_cast<int>(t);
  }
  return found;
}

// What tokens start to head name: as the rules read it, were it cut out; else word by word.
bool ClauseReader::read_phrase(const Sentence& s, size_t start, size_t head, Thing& found) const {
  const std::vector<Token> part(tokens_.begin() + static_cast<long>(start),
                                tokens_.begin() + static_cast<long>(head) + 1);
  const size_t length = read_noun_phrase(part, 0, false, found);
  if (length == part.size() && !found.name.empty() && found.sure) return !found.negated && !found.proper;
  found = Thing();
  for (size_t i = start; i < head; ++i) {
    const std::string& w = tokens_[i].text;
    std::string tag, dep;
    for (const Node& node : s.nodes) {
      if (node.token == static_cast<int>(i)) tag = node.tag, dep = node.dep;
    }
    const bool capital = tokens_[i].raw[0] >= 'A' && tokens_[i].raw[0] <= 'Z' && i > start;
    if (tokens_[i].slip || capital || w == "no" || is_a("lifeless", w) || only_spelled(w)) return false;
    if (is_a("determiner", w)) {
      static const std::set<std::string> odd = {"another", "other", "each", "every", "any",
                                                "no",      "all",   "both", "some",  "several"};
      if (i > start || odd.count(w)) return false;
      found.determined = true;
      found.one = w == "a" || w == "an";
      found.definite = !found.one;
    } else if (const auto number = find_number(w)) {
      found.determined = true;
      found.count = *number;
    } else if (const AttributeEntry* entry = find_attribute(w)) {
      if (!found.name.empty()) return false;
      found.attributes.emplace_back(entry, entry->phrase);
    } else if (tag == "NN" && dep == "compound" && i + 1 == head) {
      found.name = w + " ";
    } else if (!((tag == "JJ" || tag == "VBG" || tag == "VBN") && dep == "amod" && found.name.empty())) {
      return false;
    }
  }
  const std::string& last = tokens_[head].text;
  found.noun = find_noun_beside(last);
  if (!found.noun || tokens_[head].slip || tokens_[head].raw != last) return false;
  found.name += last;
  found.plural = found.noun->plural;
  found.bare = !found.determined && !found.plural && found.noun->category == "mass";
  return true;
}

int ClauseReader::thing_of(Sentence& s, int n) {
  const Node& node = at(s, n);
  if (node.token < 0 || node.tag.rfind("NN", 0) != 0 || node.dep == "compound" || node.dep == "appos")
    return -1;
  const size_t head = static_cast<size_t>(node.token);
  const int c = chunk_of_[head];
  const Chunk* chunk = c < 0 ? nullptr : &chunks_.list[static_cast<size_t>(c)];
  const bool same = chunk && chunk->kind == Chunk::Kind::kThing && chunk->end == head + 1;
  if (same && (thing(chunk->thing).sure || doubted_.count(chunk->thing)))
    return thing(chunk->thing).sure && !thing(chunk->thing).negated ? chunk->thing : -1;
  if (same && thing(chunk->thing).negated) return -1;
  if (node.tag == "NNS" && does_something(tokens_, head)) return -1;
  if (!node.sure || node.tag == "NNP" || node.tag == "NNPS") return -1;
  // what belongs to its phrase stands right before it
  static const std::set<std::string> parts = {"det",    "amod",     "compound", "nummod", "poss",    "nmod",
                                              "advmod", "quantmod", "case",     "punct",  "npadvmod"};
  size_t start = head;
  while (start > 0) {
    int i = -1;
    for (int k = 0; k < static_cast<int>(s.nodes.size()); ++k) {
      if (at(s, k).token == static_cast<int>(start) - 1) i = k;
    }
    if (i < 0 || !parts.count(at(s, i).dep) || tokens_[start - 1].text == "," ||
        tokens_[start - 1].text == "'s")
      break;
    int up = i;
    while (up != n && at(s, up).head != up && up < n) up = at(s, up).head;
    if (up != n) break;
    if (!at(s, i).sure) return -1;
    --start;
  }
  for (size_t i = start; i <= head; ++i) {  // sure things of the rules within it: another reading
    const int other = chunk_of_[i];
    if (other < 0 || chunks_.list[static_cast<size_t>(other)].kind != Chunk::Kind::kThing) continue;
    const Chunk& inner = chunks_.list[static_cast<size_t>(other)];
    if (inner.end != head + 1 && thing(inner.thing).sure) return -1;
  }
  Thing found;
  if (!read_phrase(s, start, head, found)) return -1;
  if (start > 0 && tokens_[start - 1].text == "'s") found.determined = found.definite = true;
  if (is_a("measure", node.word) || is_a("collective", node.word)) return -1;
  if (found.plural != (node.tag == "NNS") && !found.mass()) return -1;
  if (!found.determined && !found.plural && !found.mass()) return -1;
  // "Three sailors on a field wave to the crowd": rather what they do
  const std::string next = head + 1 < tokens_.size() ? tokens_[head + 1].text : "";
  if (same && !found.plural && found.name.find(' ') != std::string::npos && (next == "to" || next == "at"))
    return -1;
  // "a tower of cards": no tower
  const int of = child(s, n, "prep");
  const int stuff = of >= 0 && at(s, of).word == "of" ? child(s, of, "pobj") : -1;
  if (same && stuff >= 0 && child(s, stuff, "det") < 0 && child(s, stuff, "poss") < 0) return -1;
  found.at = head;
  if (found.definite && !found.distinct) {
    const int known = known_thing(found);
    if (known == -2) return -1;
    if (known >= 0) return known;
  }
  if (same) {
    caption_.things[static_cast<size_t>(chunk->thing)] = found;
    return chunk->thing;
  }
  if (chunk && chunk->kind == Chunk::Kind::kThing) {
    if (thing(chunk->thing).sure || thing(chunk->thing).at != chunk->end - 1) return -1;
    caption_.things[static_cast<size_t>(chunk->thing)].name = std::string("?");  // was no such thing
  }
  caption_.things.push_back(found);
  return static_cast<int>(caption_.things.size()) - 1;
}

// "the rope", where no other thing of the caption may be meant.
std::string ClauseReader::the(int t) const {
  const Thing& of = thing(t);
  if (of.proper) return of.name;
  for (size_t i = 0; i < caption_.things.size(); ++i) {
    const Thing& other = caption_.things[i];
    if (static_cast<int>(i) == t) continue;
    if (other.name == of.name ||
        (!other.sure && (" " + other.name + " ").find(" " + of.name + " ") != std::string::npos))
      return "";
  }
  return "the " + of.name;
}

}  // namespace drf::templates
