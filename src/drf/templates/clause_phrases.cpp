// Phrases of a parsed sentence as questions say them.
#include <algorithm>

#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"

namespace drf::templates {

// "her coach squirts water in her mouth", "a nurse wraps a bandage around her wrist": whether the part of a
// body at node n may be another one's than the subject's.
bool ClauseReader::of_another(const Sentence& s, int n, const std::string& whose, int subject) const {
  if (subject < 0 || whose == "both") return false;
  const Thing& doer = thing(subject);
  // "The doll pulls two buttons from her dress and sews them onto its face"
  for (int k = 0; whose == "its" && !doer.mass() && k < n; ++k) {
    const std::string& word = at(s, k).word;
    if (word == "her" || word == "his" || word == "she" || word == "he") return true;
  }
  if (whose == "their") return !doer.plural;
  if (doer.plural) return true;
  // "her coach ... her mouth"
  for (size_t i = doer.at; i > 0 && i + 4 > doer.at && !function_word(tokens_[i].text); --i) {
    if (tokens_[i - 1].text == whose) return true;
  }
  static const std::set<std::string> touches = {
      "kiss", "wash",    "wrap",   "bandage", "brush", "comb",    "paint", "shave",
      "trim", "massage", "hold",   "grab",    "touch", "squeeze", "pat",   "stroke",
      "take", "pull",    "tickle", "lick",    "bite",  "examine", "catch", "dry",
      "slap", "tie",     "dye",    "powder",  "braid", "cut",     "wipe"};
  const Node& node = at(s, n);
  if (node.dep != "pobj" && !(node.head >= 0 && touches.count(base_of(s, node.head)))) return false;
  const auto other = whose == "her" ? is_male : is_female;
  const auto person = [](const Thing& t) { return t.proper || (t.noun && t.noun->category == "person"); };
  const auto fits = [&](const Thing& t) {
    if (whose == "its") return (t.living() || t.lifeless) && !person(t);  // "a stone lion ... its nose"
    return t.living() && (person(t) || !person(doer)) && !other(t.name.substr(t.name.rfind(' ') + 1)) &&
           !(t.noun && other(t.noun->kin));
  };
  const auto all = std::count_if(caption_.things.begin(), caption_.things.end(), [&](const Thing& t) {
    return &t != &doer && !t.negated && !t.plural && t.at < static_cast<size_t>(node.token) &&
           t.name != doer.name && fits(t);
  });
  return fits(doer) ? all > 0 : all > 1;  // "the axe returns to his hand"
}

// "the rope", "her hands", "the lid of the box", "the nuts and the bolts", or "". indefinite: what is named
// here for the first time keeps its article.
std::string ClauseReader::phrase(const Sentence& s, int n, int apart, bool indefinite) const {
  const Node& node = at(s, n);
  const int t = node.tag == "PRP" ? meant(s, n, apart) : s.things[static_cast<size_t>(n)];
  if (t < 0 || !node.sure || t == apart || excluded(s, n)) return "";
  // "across a salt flat": the phrase goes on where the parser ends it
  const int next = n + 1;
  if (next < static_cast<int>(s.nodes.size()) && at(s, next).token == node.token + 1 && node.tag != "PRP" &&
      (at(s, next).tag == "JJ" || at(s, next).tag == "NN") && at(s, next).base.empty())
    return "";
  const Thing& of = thing(t);
  if (of.negated || !of.sure) return "";
  // "reaches the other side", "the wider end": which one, no name says
  static const std::set<std::string> sides = {"side", "end", "half", "edge", "part"};
  if (sides.count(of.name) && node.token > 1 &&
      !is_a("determiner", tokens_[static_cast<size_t>(node.token) - 1].text))
    return "";
  if (of.noun && of.noun->category == "abstract") {  // "laces her skates": of a deed of the hands
    const VerbForm* form =
        node.dep == "dobj" && of.noun->lexicon ? find_verb(base_of(s, node.head)) : nullptr;
    if (!form || form->verb->kind != VerbEntry::Kind::kObject || !of.determined) return "";
  }
  for (const int c : children(s, n)) {  // "feeds the ducks bread": the ducks are none of its name
    const Node& part = at(s, c);
    const bool its = (" " + of.name + " ").find(" " + part.word + " ") != std::string::npos;
    if (part.dep == "compound" && !its && (part.tag == "NNS" || !find_attribute(part.word))) return "";
  }
  std::string text = the(t);
  const bool first = of.at == static_cast<size_t>(node.token);
  const bool bare = child(s, n, "det") < 0 && child(s, n, "poss") < 0 && child(s, n, "nummod") < 0;
  const int number = child(s, n, "nummod");
  if (number >= 0 && at(s, number).word == "one") return "";  // "in one piece"
  if (first && !text.empty() && !of.proper &&
      ((bare && (of.plural || of.mass() || !of.determined)) || (indefinite && !of.definite && of.count == 0)))
    text = of.plural || of.mass() || bare ? of.name : with_article(of.name);
  if (of.noun && of.noun->category == "body") {
    size_t start = static_cast<size_t>(node.token);
    std::string all = tokens_[start].text;
    while (start > 0 && at(s, n).token > 0) {
      bool mine = false;
      for (const int c : children(s, n)) {
        const Node& part = at(s, c);
        mine |= part.token == static_cast<int>(start) - 1 &&
                (part.dep == "poss" || part.dep == "amod" || part.dep == "det" || part.dep == "nummod");
      }
      if (!mine) break;
      all = tokens_[--start].text + " " + all;
    }
    const std::string& first = tokens_[start].text;
    // "guides the clippers along its back": whose?
    const bool person =
        apart >= 0 && (thing(apart).proper || (thing(apart).noun && thing(apart).noun->category == "person"));
    if (first == "its" && person) return "";
    // "water drips from its tail": not the water's
    if (first == "its" && apart >= 0 && thing(apart).mass() && at(s, node.head).word == "from") return "";
    if (first == "his" || first == "her" || first == "its" || first == "their" || first == "both") {
      if (of_another(s, n, first, apart)) return "";
      text = all;
    }
  }
  if (text.empty()) return "";
  for (const int c : children(s, n)) {
    const Node& more = at(s, c);
    if (c < n) continue;
    if (more.dep == "conj") {
      const std::string other = phrase(s, c, apart);
      const int link = child(s, n, "cc");
      if (other.empty() || link < 0 || at(s, link).word != "and") return "";
      text += " and " + other;
    } else if (more.dep == "prep" && more.word == "of") {
      const int inner = child(s, c, "pobj");
      const std::string other = inner < 0 ? "" : phrase(s, inner, apart);
      if (other.empty()) return "";
      text += " of " + other;
    } else if (more.dep == "appos") {
      return "";
    }
  }
  return text;
}

// "his watch", "the safe", "a thin strip of wood": an object that is no thing of the lists, as the caption
// has it; or "".
std::string ClauseReader::own_words(const Sentence& s, int n) const {
  static const std::set<std::string> vague = {"way",   "time", "thing", "things", "one", "care",  "turn",
                                              "turns", "part", "lot",   "bit",    "it",  "place", "shape"};
  const Node& node = at(s, n);
  const bool adjective =  // "opens the safe", "moves his token"
      node.tag == "JJ" && (child(s, n, "det") == n - 1 || child(s, n, "poss") == n - 1);
  if (node.token < 1 || !node.sure || !(node.tag == "NN" || node.tag == "NNS" || adjective) ||
      vague.count(node.word) || excluded(s, n) || child(s, n, "conj") >= 0 || child(s, n, "appos") >= 0)
    return "";
  const int t = s.things[static_cast<size_t>(n)];
  if (t >= 0 && (thing(t).negated || thing(t).proper || the(t).empty())) return "";
  int first = n;
  for (; first > 0; --first) {
    const Node& part = at(s, first - 1);
    static const std::set<std::string> parts = {"det", "poss", "amod", "compound", "nummod"};
    if (part.head != n || part.token != at(s, first).token - 1 || !parts.count(part.dep)) break;
    if (part.tag.rfind("VB", 0) == 0 || part.tag == "NNP" || part.tag == "POS" ||
        (part.dep == "poss" && part.tag != "PRP$"))
      return "";
  }
  std::string text;
  for (int k = first; k <= n; ++k) {
    const Token& token = tokens_[static_cast<size_t>(at(s, k).token)];
    if (token.slip || !is_known(token.text)) return "";
    static const std::set<std::string> odd = {"another", "each", "every", "any", "no", "some", "more"};
    if (odd.count(token.text)) return "";
    const bool article = k == first && (token.text == "a" || token.text == "an");
    text += (k == first ? "" : " ") + (article ? "the" : token.text);
  }
  const bool determined = at(s, first).dep == "det" || at(s, first).dep == "poss";
  if (!determined && node.tag != "NNS") return "";
  int last = n;
  for (const int c : children(s, n)) {
    if (c < first) return "";
    if (c < n) continue;
    const int stuff = at(s, c).word == "of" ? child(s, c, "pobj") : -1;
    if (stuff == c + 1 && c == n + 1 && at(s, stuff).tag.rfind("NN", 0) == 0 && children(s, stuff).empty()) {
      text += " of " + at(s, stuff).word;
      last = stuff;
    } else if (at(s, c).dep != "prep" || at(s, c).word == "of") {
      return "";
    }
  }
  const std::string next =
      last + 1 < static_cast<int>(s.nodes.size()) && at(s, last + 1).token == at(s, last).token + 1
          ? at(s, last + 1).tag
          : "";
  return next.rfind("NN", 0) == 0 || next.rfind("JJ", 0) == 0 ? "" : text;
}

// "across the carpet", of what `subject` does to `object`; "" where it is not asked.
std::string ClauseReader::place(const Sentence& s, int p, int subject, int object) const {
  const Node& node = at(s, p);
  std::string how = node.word;
  int where = child(s, p, "pobj");
  if (how == "out" && where < 0) {
    const int of = child(s, p, "prep");
    if (of < 0 || at(s, of).word != "of") return "";
    how = "out of";
    where = child(s, of, "pobj");
  }
  if (where < 0) return "";
  if ((at(s, where).word == "front" && how == "in") || (at(s, where).word == "top" && how == "on")) {
    const int of = child(s, where, "prep");
    if (of < 0) return "";
    how += " " + at(s, where).word + " of";
    where = child(s, of, "pobj");
    if (where < 0) return "";
  }
  if (!kWhere.count(how) || where < p) return "";
  const int t = s.things[static_cast<size_t>(where)];
  if (t < 0 || t == subject || t == object) return "";
  const Thing& of = thing(t);
  static const std::set<std::string> vague = {"shape", "position", "side",  "spot", "size", "form", "place",
                                              "pace",  "speed",    "angle", "row",  "time", "hour"};
  if (vague.count(of.name) || global_phrases().count(of.name) || global_phrases().count("at " + of.name))
    return "";
  if (of.proper || !of.noun || of.name == "sun" || of.name == "wind" || of.name == "camera") return "";
  const std::string& category = of.noun->category;
  if (category == "abstract" || (category == "clothing" && how == "in")) return "";
  if ((category == "place" || of.noun->group == "air" || of.noun->group == "sky") &&
      (how == "in" || how == "on" || how == "at"))
    return "";
  // "rises in the water", "floats in the air": where else?
  if (how == "in" && object == -1 && (of.name == "water" || of.name == "air" || of.name == "sky")) return "";
  if (how == "with" && (object == -1 || of.living())) return "";
  static const std::set<std::string> hits = {"bump", "crash", "slam", "smash"};
  if (how == "into" && of.living() && !hits.count(base_of(s, node.head))) return "";
  if (how == "under" && of.name == "sky") return "";  // "under a stormy sky": where else?
  if (how == "between" && !of.plural) return "";
  const bool spoken =
      asked_.count(t) || std::any_of(caption_.facts.begin(), caption_.facts.end(),
                                     [&](const Fact& fact) { return fact.place == t || fact.object == t; });
  const std::string whom = phrase(s, where, subject, how == "into" || !spoken);
  return whom.empty() ? "" : how + " " + whom;
}

// What stands last in the phrase of a preposition: "out of the bag", or -1.
int ClauseReader::last_thing(const Sentence& s, int p) const {
  const int of = child(s, p, "prep"), what = child(s, of >= 0 ? of : p, "pobj");
  return what < 0 ? -1 : s.things[static_cast<size_t>(what)];
}

}  // namespace drf::templates
