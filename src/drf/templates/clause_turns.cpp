// Deeds that are no verb with its object: what begins, appears, is let go, changes its color or becomes
// another thing.
#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"
#include "drf/templates/lexicon.h"

namespace drf::templates {

// "lets go of the balloon": the node of what is let go, or -1.
int ClauseReader::let_go(const Sentence& s, int v) const {
  for (const int c : children(s, v)) {
    if (at(s, c).word != "go" || c != v + 1) continue;
    for (const int from : {c, v}) {
      const int of = child(s, from, "prep"), what = of < 0 ? -1 : child(s, of, "pobj");
      if (what > c && at(s, of).word == "of" && of == c + 1 && at(s, what).sure) return what;
    }
  }
  return -1;
}

// "turns from red to green": "green", or "".
std::string ClauseReader::turned_to(const Sentence& s, int v) const {
  if (base_of(s, v) != "turn" || v + 4 >= static_cast<int>(s.nodes.size())) return "";
  const auto color = [&](int n) {
    const AttributeEntry* quality = find_attribute(at(s, n).word);
    return quality && quality->kind == AttributeEntry::Kind::kColor;
  };
  const bool told = at(s, v + 1).word == "from" && color(v + 2) && at(s, v + 3).word == "to" && color(v + 4);
  const bool more = v + 5 < static_cast<int>(s.nodes.size()) && at(s, v + 5).tag.rfind("NN", 0) == 0;
  return told && !more ? at(s, v + 4).word : "";
}

// "turns green", "goes dark"
bool ClauseReader::turns_color(const Sentence& s, int v) const {
  const std::string base = base_of(s, v);
  if (base != "turn" && base != "go") return false;
  if (!turned_to(s, v).empty()) return true;
  static const std::set<std::string> dark = {"dark", "black", "silent", "transparent"};
  const int how = child(s, v, "acomp");
  const AttributeEntry* quality = how < 0 ? nullptr : find_attribute(at(s, how).word);
  return how == v + 1 &&
         (dark.count(at(s, how).word) || (quality && quality->kind == AttributeEntry::Kind::kColor));
}

// "begins to eat", "appears", "turns green": told of when another deed is, and not asked by itself.
void ClauseReader::comes_to(const Sentence& s, int v, int who) {
  Deed deed{&s, v, who, -1, base_of(s, v)};
  deed.link = time_link(s, v);
  if (!deed.link.empty()) deed.of = at(s, v).dep == "pcomp" ? at(s, at(s, v).head).head : at(s, v).head;
  deed.ends = deed.goal = true;
  const int what = child(s, v, "xcomp"), quality = child(s, v, "acomp");
  if (deed.value == "appear" || deed.value == "form") {
    if (what >= 0 || child(s, v, "dobj") >= 0 || quality >= 0 || child(s, v, "attr") >= 0 ||
        child(s, v, "oprd") >= 0)
      return;
  } else if (const std::string color = turned_to(s, v); !color.empty()) {
    deed.value += " " + color;
  } else if (quality >= 0) {
    if (!children(s, quality).empty() || v + 2 < static_cast<int>(s.nodes.size())) {
      const Node& behind = at(s, std::min(v + 2, static_cast<int>(s.nodes.size()) - 1));
      if (behind.tag.rfind("NN", 0) == 0 || behind.tag.rfind("JJ", 0) == 0) return;
    }
    deed.value += " " + at(s, quality).word;
  } else {
    if (what < 0 || !at(s, what).sure || at(s, what).tag != "VB" || what != v + 2) return;
    deed.value += " to " + at(s, what).word;
    for (const int c : children(s, what)) {
      const Node& part = at(s, c);
      if (c < what || part.dep == "punct" || part.dep == "cc" || part.dep == "conj" || part.dep == "advcl" ||
          (part.dep == "advmod" && ends_with(part.word, "ly")))
        continue;
      if (part.dep == "prep" && kWhere.count(part.word) && part.word != "off" && part.word != "out" &&
          part.word != "into")
        continue;
      const int itself = part.dep == "prep" && part.word == "by" ? child(s, c, "pobj") : -1;
      if (itself >= 0 && (at(s, itself).word == "itself" || at(s, itself).word == "themselves")) continue;
      const std::string object = part.dep == "dobj" && c <= what + 3 ? phrase(s, c, who) : "";
      if (part.dep == "prt")
        deed.value += " " + part.word;
      else if (!object.empty() && deed.object < 0)
        deed.value += " " + object;
      else
        return;
    }
    const VerbForm* form = find_verb(at(s, what).word);
    const bool light = form && form->verb->kind == VerbEntry::Kind::kLight && form->verb->base != "turn";
    if (form ? light : lexicon_verb(at(s, what).word).empty()) return;
    const NounEntry* noun = thing(who).noun;
    const bool runs =
        form && form->verb->kind == VerbEntry::Kind::kMotion && noun && noun->category == "vehicle";
    if (form && form->verb->living && !thing(who).living() && !runs) return;
    if (form && form->verb->kind == VerbEntry::Kind::kObject &&
        deed.value.find(" to " + at(s, what).word + " ") == std::string::npos)
      return;
  }
  deeds_.push_back(deed);
}

// "turns into a carriage": the rules ask it.
void ClauseReader::becomes(Deed deed) {
  for (const Fact& fact : caption_.facts) {
    if (fact.kind != Fact::Kind::kBecomes || fact.thing != deed.subject || fact.object < 0 || !fact.verb ||
        fact.verb->base != deed.value)
      continue;
    const Thing& to = thing(fact.object);
    deed.value += " into " + (to.plural || to.mass() ? to.name : with_article(to.name));
    deed.fact = -2;
    deed.ends = true;
    deeds_.push_back(deed);
    return;
  }
}

}  // namespace drf::templates
