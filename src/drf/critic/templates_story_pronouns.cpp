// Whom a pronoun of a story means, where that is one thing alone.
#include <algorithm>

#include "drf/critic/templates_story_namer.h"

namespace drf::critic {
using Words = std::set<std::string>;

bool StoryNamer::fits(const std::string& pronoun, const std::string& name, const NounEntry* noun, bool plural,
                      bool proper) {
  const bool person = proper || (noun && noun->category == "person");
  const bool animal = noun && (noun->category == "animal" || noun->category == "beast");
  const std::string kin = noun ? noun->kin : "";
  if (pronoun == "they" || pronoun == "them" || pronoun == "their") return plural;
  if (plural) return false;
  const bool he = pronoun == "he" || pronoun == "him" || pronoun == "his";
  const bool she = pronoun == "she" || pronoun == "her";
  if (he) return (person || animal || !noun) && !is_female(kin) && !is_female(name);
  if (she) return (person || animal || !noun) && !is_male(kin) && !is_male(name);
  return !person || kin == "baby" || kin == "robot" || kin == "ghost" || name == "cub" || name == "pup" ||
         name == "calf" || name == "toy" || name == "doll" || name == "puppet";
}

// Another one of tokens [from, to) whom the pronoun may mean.
bool StoryNamer::another(const std::string& pronoun, const StoryClause& one, size_t from, size_t to,
                         bool acts) const {
  for (const auto& [thing, at] : mentions_) {
    const Thing& t = *thing;
    if (at < from || at >= to || t.at == one.head || t.negated || t.name == "?") continue;
    if (word(at + 1) == "'s" || word(t.at) == word(one.head)) continue;
    const std::string last = t.name.substr(t.name.rfind(' ') + 1);
    if (!fits(pronoun, last, t.noun, t.plural, t.proper)) continue;
    const bool person = pronoun != "it" && pronoun != "they";
    const std::string category = t.noun ? t.noun->category : "";
    if (person && !t.living() && t.noun) continue;
    if (person && one.noun && one.noun->category == "person" && t.noun && t.noun->category != "person")
      continue;
    if (!person &&
        (category == "place" || category == "abstract" || category == "body" || category == "part"))
      continue;
    if (pronoun == "it" && acts && one.noun && one.noun->living() && !t.living() && t.noun) continue;
    return true;
  }
  return false;
}

// Whom the pronoun that a clause begins with means: who does what is told before it, or, behind "before"
// and the like, right behind it; else the only one who may be meant.
void StoryNamer::means(size_t s, size_t c, const std::string& w, StoryClause& clause) const {
  auto& clauses = sentences_[s];
  // "the bride laughs, the groom cries, and the guests throw rice as they leave": who?
  const auto persons = std::count_if(caption_.things.begin(), caption_.things.end(), [&](const Thing& t) {
    return t.at < clause.subject && !t.plural && !t.negated && t.name != "?" &&
           (t.proper || (t.noun && t.noun->category == "person"));
  });
  if (w == "they" && persons > 1) return;
  const StoryClause* one = nullptr;
  size_t from = clauses[0].start;
  const auto may_be = [&](const StoryClause& other) {
    return !other.open && !other.there && !other.who.empty() && other.who.rfind("only ", 0) != 0 &&
           fits(w, word(other.head), other.noun, other.plural, other.who.rfind("the ", 0) != 0);
  };
  if (c > 0) {
    const StoryClause& before = clauses[c - 1];
    if (before.open || before.there || before.who.empty()) return the_only_one(w, clause);
    if (may_be(before)) one = &before;
  } else {
    if (s > 0 && !sentences_[s - 1].empty()) {
      for (const StoryClause& before : sentences_[s - 1]) {
        if (one && one->who != before.who) return the_only_one(w, clause);
        if (!may_be(before)) return the_only_one(w, clause);
        one = &before;
      }
      from = 0;
    }
    static const Words leads = {"before", "after", "once", "when", "until"};
    if (!one && leads.count(clause.link) && clauses.size() > 1 &&
        clauses[1].subject < clauses[1].subject_end && !pronoun(word(clauses[1].subject)) &&
        may_be(clauses[1]))
      one = &clauses[1];
  }
  static const Words of_things = {
      "roll",   "fall",   "break",     "spin",  "float",   "turn",   "become",   "open",   "shatter", "stop",
      "bounce", "slide",  "glow",      "light", "explode", "burst",  "melt",     "fly",    "sink",    "land",
      "drop",   "move",   "swing",     "grow",  "start",   "begin",  "be",       "hit",    "close",   "crack",
      "pop",    "vanish", "disappear", "shake", "tip",     "topple", "collapse", "freeze", "burn",    "rise"};
  if (one) {
    if (!another(w, *one, from, clause.subject, !of_things.count(clause.base))) same(clause, *one);
    return;
  }
  const bool by_person = c > 0 && clauses[c - 1].noun && clauses[c - 1].noun->category == "person" &&
                         clauses[c - 1].link != "while" && clauses[c - 1].link != "?";
  if ((w == "it" || w == "they") && by_person &&
      pronoun(word(clause.subject))) {  // "taps a suitcase and it turns into a tortoise"
    const std::string what = meant(clause.subject, clauses[c - 1], s);
    for (const Thing& t : caption_.things) {
      if (what != "the " + t.name || t.plural != (w == "they") || !t.noun) continue;
      clause.who = what;
      clause.plural = t.plural;
      clause.noun = t.noun;
      clause.head = t.at;
      return;
    }
  }
  the_only_one(w, clause);
}

// "A vlog of a guy with a mullet. He takes a bite": the only one so far whom "he" may mean.
void StoryNamer::the_only_one(const std::string& pronoun, StoryClause& clause) const {
  if (pronoun != "he" && pronoun != "she") return;
  const Thing* one = nullptr;
  static const Words several = {"couple", "crowd",    "choir",     "team", "band",
                                "family", "audience", "orchestra", "class"};
  for (const Thing& t : caption_.things) {
    if (t.at >= clause.subject || t.negated || t.name == "?" || (t.noun && !t.living())) continue;
    const std::string last = t.name.substr(t.name.rfind(' ') + 1);
    if (!fits(pronoun, last, t.noun, t.plural, t.proper)) continue;
    if (one && one->name != t.name) return;
    // "the village choir", "the figure of a girl": no one, or not she
    size_t article = t.at;
    while (article > 0 && !is_a("determiner", word(article)) && word(article) != "of") --article;
    static const Words figures = {"figure",   "shape",    "statue",     "picture", "photo",
                                  "painting", "portrait", "silhouette", "head",    "voice"};
    const bool of = article > 0 && word(article - 1) == "of"
                        ? article > 1 && figures.count(word(article - 2)) > 0
                        : word(article) == "of";
    if (several.count(last) || of) return;
    one = &t;
  }
  if (!one && clause.subject > 0 && tokens_[clause.subject - 1].kind != Token::Kind::kMark) return;
  if (!one) {  // "She ties her hair back, puts on gloves": of whom nothing else is told
    const bool alone = std::none_of(caption_.things.begin(), caption_.things.end(),
                                    [](const Thing& t) { return t.living(); });
    if (!alone || clause.subject > 0 || caption_.words.count("they")) return;
    static const NounEntry person{"person", "", "", false, nullptr};
    clause.who = "the person";
    clause.noun = &person;
    clause.head = clause.subject;
    return;
  }
  if (!one->noun || one->noun->category != "person" || one->proper) return;
  clause.who = "the " + one->name;
  clause.plural = false;
  clause.noun = one->noun;
  clause.head = one->at;
}

bool StoryNamer::owns(const std::string& possessive, const StoryClause& clause, size_t s) const {
  if (clause.there) return false;
  const std::string he = possessive == "his"   ? "he"
                         : possessive == "her" ? "she"
                         : possessive == "its" ? "it"
                                               : "they";
  if (!fits(he, word(clause.head), clause.noun, clause.plural, clause.who.rfind("the ", 0) != 0))
    return false;
  return !another(he, clause, sentences_[s][0].start, clause.verb, false) || he == "it";
}

// "the compass" for "it" at token i
std::string StoryNamer::meant(size_t i, const StoryClause& clause, size_t s) const {
  const std::string& w = word(i);
  for (size_t back = 0; back < 2 && back <= s; ++back) {
    if (sentences_[s - back].empty()) return "";
    const size_t from = sentences_[s - back][0].start;
    std::set<std::string> names;
    std::string name;
    for (const auto& [thing, at] : mentions_) {
      const Thing& t = *thing;
      if (at < from || at >= i || t.negated || word(t.at) == word(clause.head)) continue;
      const std::string last = t.name.substr(t.name.rfind(' ') + 1);
      if (!fits(w, last, t.noun, t.plural, t.proper)) continue;
      const std::string category = t.noun ? t.noun->category : "";
      // "the speech falls into the soup, he fishes it out"
      const VerbForm* does = category == "abstract" ? find_verb(word(at + 1)) : nullptr;
      if (w == "it" && does && does->third && at != clause.head) return "";
      if (w == "it" && (category == "abstract" || category == "place" || category == "body")) continue;
      // "a hand with a ring catches it": not the ring
      if (w == "it" && at > clause.subject && at < clause.subject_end && at != clause.head) return "";
      if ((w == "him" || w == "her") && t.noun && !t.living()) continue;
      names.insert(t.name);
      name = t.sure ? t.name : "";
    }
    if (names.size() > 1 && w == "it") return direct_object(i, clause, s - back, names);
    if (names.size() > 1) return "";
    if (names.size() == 1 && back == 0 && w == "it" && !object_is(clause, s, name)) return "";
    if (names.size() == 1) return name.empty() || name == "?" ? "" : "the " + name;
  }
  return "";
}

// "find a machine behind a station. When they plug it in": what the clause before the pronoun at token i is
// done to.
std::string StoryNamer::direct_object(size_t i, const StoryClause& clause, size_t s,
                                      const std::set<std::string>& names) const {
  static const Words places = {"behind", "near", "beside", "in", "outside", "at", "under", "by", "inside"};
  const StoryClause* before = nullptr;
  for (const StoryClause& other : sentences_[s]) {
    if (other.verb < i && &other != &clause && other.verb < clause.verb) before = &other;
  }
  if (!before) return "";
  std::string object;
  bool placed = false;
  for (size_t k = before->verb + 1; k < before->end; ++k) {
    if (is_a("preposition", word(k)) && !placed) {
      placed = places.count(word(k)) > 0;
      if (!placed) return "";
    }
    for (const auto& [thing, at] : mentions_) {
      const Thing& t = *thing;
      if (at != k || placed || !names.count(t.name)) continue;
      if (!object.empty()) return "";
      object = t.sure ? t.name : "";
    }
  }
  return object.empty() ? "" : "the " + object;
}

// Whether what the clause before was done to, where it has an object, is called so: "wraps a bouquet in paper
// and ties it".
bool StoryNamer::object_is(const StoryClause& clause, size_t s, const std::string& name) const {
  const StoryClause* before = nullptr;
  for (const StoryClause& other : sentences_[s]) {
    if (other.verb < clause.verb) before = &other;
  }
  if (!before || before->verb == clause.verb || !is_a("determiner", word(before->verb + 1))) return true;
  size_t head = before->verb + 1;
  while (head + 1 < before->end && !word(head + 1).empty() && !is_a("preposition", word(head + 1)) &&
         word(head + 1) != "and")
    ++head;
  return ends_with(" " + name, " " + word(head));
}

}  // namespace drf::critic
