// Which of the things that a parsed sentence names are there to be seen.
#include "drf/templates/clauses.h"
#include "drf/templates/lexicon.h"
#include "drf/templates/reader.h"

namespace drf::templates {
namespace {

// "a telephone ... a phone": one may be the other.
bool same_kind(const std::string& one, const std::string& other) {
  const LexiconWord *a = find_lexicon(one), *b = find_lexicon(other);
  if (!a || !b || a->concepts.empty() || b->concepts.empty()) return false;
  return is_kind_of(a->concepts[0], b->concepts[0]) || is_kind_of(b->concepts[0], a->concepts[0]);
}

}  // namespace

// "neither a knife nor a fork", "and not a cat", "rather than a bird": what is named as not there.
bool ClauseReader::excluded(const Sentence& s, int n) const {
  static const std::set<std::string> words = {"not", "than", "but", "nor", "or", "neither", "never"};
  const int no = child(s, n, "det");
  if (child(s, n, "neg") >= 0 || (no >= 0 && at(s, no).word == "no")) return true;
  int start = n;
  for (bool within = true; within && start > 0; start -= within) {  // where its phrase begins
    if (words.count(at(s, start - 1).word)) return true;
    int up = start - 1;
    for (int steps = 0; up != n && at(s, up).head != up && steps < 40; ++steps) up = at(s, up).head;
    within = up == n && at(s, start - 1).dep != "punct";
  }
  return false;
}

// Whether the noun at n is there as well as the one that it hangs on as another of a list.
bool ClauseReader::joined(const Sentence& s, int n) const {
  for (int k = at(s, n).head; k >= 0; k = child(s, k, "conj")) {
    const int link = child(s, k, "cc");
    if (link < 0) continue;
    const std::string& word = at(s, link).word;
    return word == "and" || word == "&" || (word == "as" || word == "well");
  }
  return true;
}

// "nobody wears a hat", "neither of them sits on a horse": what is only named with what is not done.
bool ClauseReader::of_nobody(const Sentence& s, int n) const {
  const int article = child(s, n, "det");
  if (article >= 0 && at(s, article).word != "a" && at(s, article).word != "an") return false;
  for (int steps = 0; steps < 4 && at(s, n).head != n; ++steps) {
    n = at(s, n).head;
    const int who = child(s, n, "nsubj");
    if (who < 0) continue;
    const int no = child(s, who, "det");
    return nobody(s, who) || at(s, who).word == "neither" || at(s, who).word == "none" ||
           (no >= 0 && at(s, no).word == "no");
  }
  return false;
}

// Whether the phrase at a node says that its thing is there.
bool ClauseReader::named(const Sentence& s, int n) const {
  const Node& node = at(s, n);
  if (!node.sure || excluded(s, n) || of_nobody(s, n)) return false;
  static const std::set<std::string> seen = {
      "on",   "in",     "into",   "onto",    "under", "over",   "across",  "through", "along",   "beside",
      "near", "behind", "around", "against", "at",    "inside", "above",   "below",   "beneath", "to",
      "with", "off",    "down",   "up",      "past",  "toward", "towards", "between", "by",      "atop"};
  if (node.dep == "conj")
    return at(s, node.head).tag.rfind("NN", 0) == 0 && joined(s, n) && named(s, node.head);
  if (node.dep == "pobj") {
    const Node& preposition = at(s, node.head);
    if (preposition.word == "of" && at(s, preposition.head).word == "full")
      return preposition.sure && real(s, preposition.head);
    const int where = s.things[static_cast<size_t>(n)];
    static const std::set<std::string> worlds = {"planet", "moon", "star"};
    const NounEntry* noun = where < 0 ? nullptr : thing(where).noun;
    if (noun && ((preposition.word == "on" && worlds.count(noun->kin)) ||
                 (preposition.word == "into" && noun->living())))
      return false;
    if (!seen.count(preposition.word) || !preposition.sure) return false;
    return real(s, preposition.head);
  }
  if (node.dep == "dobj") {
    static const std::set<std::string> of_nothing = {
        "want",    "need",      "lose",    "miss",   "like",    "love",     "hate",      "seek",  "order",
        "await",   "avoid",     "prevent", "mean",   "match",   "resemble", "expect",    "study", "learn",
        "teach",   "draw",      "sketch",  "depict", "imagine", "remember", "forget",    "hear",  "sing",
        "play",    "make",      "take",    "give",   "have",    "sculpt",   "embroider", "fold",  "scribble",
        "reflect", "represent", "show",    "cast",   "fear",    "protect",  "do",        "let",   "become",
        "form",    "leave",     "resist",  "escape", "call",    "prepare",  "plan"};
    const Node& verb = at(s, node.head);
    static const std::set<std::string> makes = {"carve", "sculpt", "paint", "chisel",  "whittle", "mold",
                                                "mould", "doodle", "etch",  "engrave", "crochet"};
    const int made = s.things[static_cast<size_t>(n)];
    if (makes.count(base_of(s, node.head)) && made >= 0 && thing(made).noun &&
        thing(made).noun->category != "tableware")
      return false;
    const std::string base = verb.tag == "VBN" ? "" : base_of(s, node.head);
    return !base.empty() && !of_nothing.count(base) && real(s, node.head);
  }
  if (node.dep == "nsubj" || node.dep == "nsubjpass")  // the first of them: "A king but not a queen enters"
    return child(s, node.head, node.dep.c_str()) == n && real(s, node.head) &&
           at(s, node.head).tag.rfind("VB", 0) == 0;
  return false;
}

void ClauseReader::exists(const Sentence& s, int n) {
  const int t = s.things[static_cast<size_t>(n)];
  if (t < 0 || asked_.count(t) || !named(s, n)) return;
  const Thing& of = thing(t);
  if (of.name == "camera" || of.name == "sun" || of.name == "moon" || has_other_sense(of.name, tokens_))
    return;
  if (is_called(tokens_, of.at)) return;
  // "his sister": a picture shows no kinship
  static const std::set<std::string> kinship = {
      "sister", "brother",   "son",     "daughter", "grandson", "granddaughter",
      "uncle",  "aunt",      "husband", "wife",     "neighbor", "friend",
      "owner",  "assistant", "twin",    "stranger", "guest",    "customer"};
  const int whose = child(s, n, "poss");
  // "a lamp on its bow": of a boat, and no weapon
  if (whose >= 0 && at(s, whose).word == "its" && is_a("part of a thing", at(s, n).word)) return;
  if (of.noun && whose >= 0 && kinship.count(of.noun->kin)) return;
  if (!of.noun || (!of.determined && !of.plural) || !of.visible() || !of.noun->visible() || of.negated)
    return;
  if (child(s, n, "prep") >= 0 && at(s, child(s, n, "prep")).word == "of") return;
  if (of.noun->category == "place") {
    static const std::set<std::string> where = {"in", "at", "on", "through", "across", "inside"};
    bool set = false;
    for (const Fact& fact : caption_.facts) set |= fact.kind == Fact::Kind::kSetting;
    const int before = at(s, at(s, n).head).token - 1;
    if (before >= 0 && tokens_[static_cast<size_t>(before)].text == "both")
      return;  // "both in the sea and ..."
    if (at(s, n).dep != "pobj" || !where.count(at(s, at(s, n).head).word) || of.plural || set) return;
    asked_.insert(t);
    add(Fact::Kind::kSetting, t);
  } else {
    for (const int other : asked_) {  // "a convertible ... the car": the same
      const NounEntry* noun = thing(other).noun;
      if (noun && of.definite && !of.distinct && !of.plural && narrower(thing(other).name, of.name)) return;
      if (noun && !of.distinct && (noun->kin == of.noun->kin || same_kind(thing(other).name, of.name)))
        return;
    }
    asked_.insert(t);
    add(Fact::Kind::kExists, t);
  }
  for (const auto& [entry, value] : of.attributes) {
    if (!entry) continue;
    Fact& fact = add(Fact::Kind::kAttribute, t);
    fact.attribute = entry;
    fact.value = value;
  }
}

}  // namespace drf::templates
