// What a parsed sentence says of a thing beside its deeds: what it has, how it is, where it is.
#include <algorithm>

#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"
#include "drf/templates/lexicon.h"

namespace drf::templates {

void ClauseReader::plain(int of, const std::string& start, const std::string& rest, const std::string& twin) {
  Fact& fact = add(Fact::Kind::kPlain, of);
  const Thing& t = thing(of);
  const bool have = start == "have";
  const std::string head =
      have ? (t.plural ? "Do " : "Does ") + the(of) + " have " : (t.plural ? "Are " : "Is ") + the(of) + " ";
  fact.value = head + rest + "?";
  if (!twin.empty()) fact.contrast = head + twin + "?";
}

// Whether the caption says the state at node n of the thing there as it stands.
bool ClauseReader::stands(const Sentence& s, int n) const {
  const int t = s.things[static_cast<size_t>(n)];
  if (t < 0 || !at(s, n).sure || at(s, n).token < 0) return false;
  const Thing& of = thing(t);
  return of.sure && !of.negated && !of.proper && of.noun && of.noun->category != "abstract" &&
         !the(t).empty() && of.at == static_cast<size_t>(at(s, n).token);
}

// "a man with a long ponytail", "a table with three legs"
void ClauseReader::has(const Sentence& s, int n) {
  const int t = s.things[static_cast<size_t>(n)];
  const Thing& of = thing(t);
  if (!of.living() || !told_first(s, n)) return;
  for (const int p : children(s, n)) {
    if (at(s, p).dep != "prep" || at(s, p).word != "with" || !at(s, p).sure ||
        at(s, p).token != at(s, n).token + 1)
      continue;  // "a woman beside a man with a beard": whose is it?
    int what = child(s, p, "pobj");
    for (int steps = 0; what >= 0 && steps < 4; ++steps) {
      const int part = s.things[static_cast<size_t>(what)];
      static const std::set<std::string> grown = {
          "beard",   "moustache", "mustache", "ponytail",   "braid",    "braids",  "freckles",   "wing",
          "wings",   "horn",      "horns",    "tail",       "mohawk",   "goatee",  "dreadlocks", "pigtails",
          "curls",   "bun",       "fringe",   "bangs",      "tusks",    "antlers", "mane",       "sideburns",
          "tattoos", "tattoo",    "scar",     "moustaches", "whiskers", "hump",    "shell"};
      const Node& node = at(s, what);
      if (grown.count(node.word) && node.sure && part >= 0) {
        std::string words = node.tag == "NNS" ? "" : child(s, what, "det") >= 0 ? "a " : "no ";
        if (child(s, what, "det") >= 0 && at(s, child(s, what, "det")).word == "no") words = "no ";
        if (words != "no ") plain(t, "have", words + node.word, "");
      }
      const NounEntry* noun = find_noun_beside(node.word);
      const int next = noun && noun->living() ? -1 : child(s, what, "conj");
      if (next >= 0 && (!at(s, next).sure || excluded(s, next) || !joined(s, next))) break;
      what = next;
    }
  }
}

// Whether the noun at n is what its sentence begins to tell of: what follows it with a preposition is told of
// it.
bool ClauseReader::told_first(const Sentence& s, int n) const {
  static const std::set<std::string> first = {"ROOT", "nsubj", "nsubjpass", "attr"};
  return first.count(at(s, n).dep) > 0 && (at(s, n).dep == "ROOT" || real(s, at(s, n).head));
}

// "a cello beside a fireplace", "a box full of nails"
void ClauseReader::where(const Sentence& s, int n) {
  const int t = s.things[static_cast<size_t>(n)];
  for (const int p : children(s, n)) {
    const Node& node = at(s, p);
    if (p < n || !node.sure) continue;
    if (node.word == "full" && (node.dep == "amod" || node.dep == "acomp") &&
        node.token == at(s, n).token + 1) {
      const int of = child(s, p, "prep");
      const int what = of < 0 ? -1 : child(s, of, "pobj");
      if (what < 0 || at(s, of).word != "of" || !at(s, what).sure) continue;
      const std::string text = phrase(s, what, t);
      const int inside = s.things[static_cast<size_t>(what)];
      if (text.empty()) continue;
      const bool asked = std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& fact) {
        return fact.kind == Fact::Kind::kRelation && fact.thing == inside && fact.object == t;
      });
      if (!asked) plain(t, "be", "full of " + text, "");
      continue;
    }
    if (node.dep != "prep" || !told_first(s, n) || node.token != at(s, n).token + 1) continue;
    const std::string text = place(s, p, t, -1);
    static const std::set<std::string> clear = {"beside", "behind",  "in front of", "on top of", "above",
                                                "below",  "beneath", "underneath",  "under",     "near",
                                                "inside", "on",      "over"};
    const auto how = std::find_if(clear.rbegin(), clear.rend(), [&](const std::string& one) {
      return text.rfind(one + " the ", 0) == 0 || text.rfind(one + " a", 0) == 0;
    });
    if (text.empty() || how == clear.rend()) continue;
    const bool asked = std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& fact) {
      return fact.kind == Fact::Kind::kRelation && fact.thing == t && text.size() >= fact.value.size() &&
             text.compare(0, fact.value.size(), fact.value) == 0;
    });
    if (asked) continue;
    const auto contrary = relations().find(*how);
    plain(t, "be", text,
          contrary == relations().end() || *how == "on" ? "" : contrary->second + text.substr(how->size()));
  }
}

// Whether token i, behind the "with" at token `with`, may be what its sentence tells of one thing or several:
// not behind what only a noun follows, and no plural that ends a phrase without an article ("palm leaves").
bool ClauseReader::may_be_verb(size_t with, size_t i, bool several) const {
  const std::string &word = tokens_[i].text, &last = tokens_[i - 1].text;
  const VerbForm* form = find_verb(word);
  const std::string base = form ? form->verb->base : lexicon_verb(word);
  if (base.empty() || (base == word && !several && (!form || !form->past))) return false;
  if (is_a("determiner", last) || is_a("preposition", last) || find_number(last) || find_attribute(last))
    return false;
  if (!find_noun_beside(word) || !looks_plural(word) || tokens_[i + 1].text != "instead") return true;
  for (size_t k = with + 1; k < i; ++k) {
    const NounEntry* noun = find_noun_beside(tokens_[k].text);
    if (is_a("determiner", tokens_[k].text) || (noun && noun->plural)) return true;
  }
  return false;
}

// "an owl with palm leaves instead of wings": the one for the other, as it stands.
void ClauseReader::instead(size_t begin, size_t end) {
  const int c = begin < end ? chunk_of_[begin] : -1;
  if (c < 0 || chunks_.list[static_cast<size_t>(c)].kind != Chunk::Kind::kThing) return;
  const Chunk& first = chunks_.list[static_cast<size_t>(c)];
  const Thing& of = thing(first.thing);
  if (!of.sure || of.negated || of.proper || the(first.thing).empty() || first.end >= end ||
      tokens_[first.end].text != "with")
    return;
  std::string words;
  size_t swap = 0;
  for (size_t i = first.end + 1; i < end && tokens_[i].text != ","; ++i) {
    const Token& token = tokens_[i];
    if (token.kind != Token::Kind::kWord || token.slip || token.raw != token.text) return;
    if (token.text != "instead" && unreal(i)) return;
    if (is_a("auxiliary", token.text) || is_a("modal", token.text) || is_a("relative", token.text) ||
        token.text == "and" || token.text == "that" || token.text == "no" || token.text == "not")
      return;
    if (token.text == "instead") {
      if (swap > 0 || i + 2 >= end || tokens_[i + 1].text != "of" || i == first.end + 1) return;
      swap = i;
    }
    if (swap == 0 && i + 1 < end && may_be_verb(first.end, i, of.plural))
      return;  // "with a dog drinks tea instead of coffee"
    words += (words.empty() ? "" : " ") + token.text;
    if (swap > 0 && (i > swap + 4 || find_verb(token.text) != nullptr) && !find_noun_beside(token.text))
      return;
  }
  if (swap > 0 && swap < first.end + 8) plain(first.thing, "have", words, "");
}

// "Behind him, there are two bottles."
void ClauseReader::there_are(const Sentence& s, int v) {
  if ((at(s, v).word != "is" && at(s, v).word != "are") || child(s, v, "expl") < 0 || !real(s, v)) return;
  const int what = child(s, v, "attr");
  if (what < 0 || !stands(s, what)) return;
  const int t = s.things[static_cast<size_t>(what)];
  for (const int p : children(s, v)) {
    static const std::set<std::string> clear = {"behind", "beside", "above",  "below",
                                                "under",  "near",   "beneath"};
    const Node& node = at(s, p);
    if (p > v || node.dep != "prep" || !node.sure || !clear.count(node.word)) continue;
    const int whom = child(s, p, "pobj");
    if (whom < 0 || !at(s, whom).sure) continue;
    const int of = at(s, whom).tag == "PRP" ? meant(s, whom, -1) : s.things[static_cast<size_t>(whom)];
    if (of < 0 || of == t || the(of).empty() || !thing(of).sure) continue;
    Fact& fact = add(Fact::Kind::kRelation, t);
    fact.object = of;
    fact.value = node.word;
    fact.contrast = relations().at(node.word);
  }
}

// "an abandoned theatre": what was done to it shows.
void ClauseReader::state(const Sentence& s, int n) {
  const int t = s.things[static_cast<size_t>(n)];
  for (const int c : children(s, n)) {
    const Node& node = at(s, c);
    if (c > n || node.dep != "amod" || !node.sure || node.token < 0 || !kStates.count(node.word)) continue;
    if (thing(t).name.find(node.word) != std::string::npos) continue;  // a part of what it is called
    if (c > 0 && (at(s, c - 1).tag == "RB" || at(s, c - 1).dep == "advmod")) continue;
    const bool asked = std::any_of(caption_.facts.begin(), caption_.facts.end(), [&](const Fact& fact) {
      return fact.kind == Fact::Kind::kAttribute && fact.thing == t && fact.attribute &&
             (fact.attribute->phrase == node.word || find_attribute(node.word) == fact.attribute);
    });
    if (!asked && !find_attribute(node.word)) plain(t, "be", node.word, "");
  }
}

void ClauseReader::states(const Sentence& s, int n) {
  there_are(s, n);
  in_picture(s, n);
  fronted(s, n);
  if (at(s, n).tag.rfind("NN", 0) != 0 || !stands(s, n)) return;
  has(s, n);
  where(s, n);
  if (asked_.count(s.things[static_cast<size_t>(n)])) state(s, n);
}

}  // namespace drf::templates
