// Whom a pronoun of a story means, where that is one thing alone.
#include <algorithm>
#include <map>

#include "drf/templates/story_namer.h"

namespace drf::templates {
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
  static const Words weather = {"rain", "snow", "hail", "pour", "storm", "thunder", "drizzle"};
  static const Words times = {"dark",     "over", "late", "night", "day",  "noon",
                              "midnight", "time", "cold", "quiet", "light"};
  if (w == "it" &&
      (weather.count(clause.base) || (clause.base == "be" && times.count(word(clause.verb + 1)))))
    return;
  auto& clauses = sentences_[s];
  // "the bride laughs, the groom cries, and the guests throw rice as they leave": who?
  const auto persons = std::count_if(caption_.things.begin(), caption_.things.end(), [&](const Thing& t) {
    return t.at < clause.subject && !t.plural && !t.negated && t.name != "?" &&
           (t.proper || (t.noun && t.noun->category == "person"));
  });
  if (w == "they" && persons > 1) return;
  const StoryClause* one = nullptr;
  size_t from = clauses[0].start;
  // "A man buys a cone. A gull snatches it before he takes a bite": not the gull
  const bool his = w == "he" || w == "she";
  const auto may_be = [&](const StoryClause& other) {
    const bool beast = other.noun && (other.noun->category == "animal" || other.noun->category == "beast");
    return !(his && beast && persons > 0) && !other.open && !other.there && !other.who.empty() &&
           other.who.rfind("only ", 0) != 0 &&
           fits(w, word(other.head), other.noun, other.plural, other.who.rfind("the ", 0) != 0);
  };
  if (c > 0) {
    const StoryClause& before = clauses[c - 1];
    if (before.open || before.there || before.who.empty()) return the_only_one(w, clause);
    if (word(clause.subject - 1) == "together") return;
    // "as soon as the jester tickles him, he sneezes": which of the two?
    static const std::map<std::string, std::string> objects = {
        {"he", "him"}, {"she", "her"}, {"it", "it"}, {"they", "them"}};
    const auto object = objects.find(w);
    for (size_t k = before.verb + 1; k < before.end && object != objects.end(); ++k) {
      if (word(k) == object->second && (w != "she" || objective(k, before.end)) && may_be(before)) return;
    }
    // "..., the suspect looks away, and he": a clause not read
    for (size_t k = before.verb + 1; k + 1 < clause.start; ++k) {
      if (tokens_[k].kind == Token::Kind::kMark && is_a("determiner", word(k + 1))) return;
    }
    if (may_be(before)) one = &before;
    // "the girls rise, and when the pianist stops they drop"
    if (!one && c > 1 && before.link == "when" && w == "they" && may_be(clauses[c - 2]))
      one = &clauses[c - 2];
  } else {
    if (s > 0 && !sentences_[s - 1].empty()) {
      for (const StoryClause& before : sentences_[s - 1]) {
        static const Words times = {"before", "after", "once", "when", "until"};
        if (!may_be(before) && times.count(before.link)) continue;  // "After the guard turns, two kids ..."
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
  // "stops at a cart. A gull snatches the cone before he takes a bite": who eats is the man
  const bool person = w == "he" || w == "she";
  if (one && person && one->noun && one->noun->category != "person" &&
      another(w, *one, 0, clause.subject, true)) {
    return;
  }
  if (one) {
    if (!another(w, *one, from, clause.subject, !of_things.count(clause.base))) same(clause, *one);
    return;
  }
  const bool by_person = c > 0 && clauses[c - 1].noun && clauses[c - 1].noun->category == "person" &&
                         clauses[c - 1].link != "while" && clauses[c - 1].link != "?";
  if ((w == "it" || w == "they") && by_person &&
      pronoun(word(clause.subject))) {  // "taps a suitcase and it turns into a tortoise"
    StoryClause self = clause;          // of what the one before does
    self.head = clauses[c - 1].head;
    const std::string what = meant(clause.subject, self, s);
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
  if (pronoun == "it" &&
      clause.subject_end == clause.subject + 1) {  // "winds a clock. As soon as it strikes twelve"
    static const Words others = {"be",   "rain", "snow",   "hail", "seem", "look",
                                 "take", "make", "become", "get",  "feel"};
    if (others.count(clause.base)) return;
    const StoryClause& before = clause;
    size_t s = 0;
    while (s < sentences_.size() && (sentences_[s].empty() || sentences_[s].back().end <= before.subject))
      ++s;
    if (s == 0 || s >= sentences_.size() || sentences_[s].empty() || &sentences_[s][0] != &clause ||
        sentences_[s - 1].empty())
      return;
    const StoryClause& doer = sentences_[s - 1].back();
    if (!doer.noun || doer.noun->category != "person" || doer.open) return;
    StoryClause self = clause;
    self.head = doer.head;
    const std::string what = meant(clause.subject, self, s);
    for (const Thing& t : caption_.things) {
      if (what != "the " + t.name || t.plural || !t.noun) continue;
      clause.who = what;
      clause.plural = false;
      clause.noun = t.noun;
      clause.head = t.at;
      return;
    }
    return;
  }
  if (pronoun == "they") return the_only_ones(clause);
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
  const bool fresh = clause.subject == 0 || tokens_[clause.subject - 1].kind == Token::Kind::kMark;
  if (!one && !fresh) return;
  if (!one) {  // "She ties her hair back, puts on gloves": of whom nothing else is told
    const bool alone = std::none_of(caption_.things.begin(), caption_.things.end(),
                                    [](const Thing& t) { return t.living() && !t.negated; });
    const bool one_kind = !(caption_.words.count("he") && caption_.words.count("she"));
    // "After closing the lid, she shakes the jar"
    const auto& start = sentences_[0];
    const bool led = start.size() > 1 && start[0].gerund && start[1].subject == clause.subject;
    const bool first =
        sentences_.empty() || std::none_of(sentences_.begin(), sentences_.end(), [&](const auto& of) {
          return !of.empty() && of[0].start < clause.subject && of[0].end <= clause.subject;
        });
    if (!alone || !one_kind || (!first && !led) || caption_.words.count("they")) return;
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

// "The cake wobbles while two waiters carry it in; they set it down": nobody else is told of.
void StoryNamer::the_only_ones(StoryClause& clause) const {
  if (caption_.words.count("together")) return;
  const Thing* ones = nullptr;
  for (const Thing& t : caption_.things) {
    if (t.at >= clause.subject || t.negated || t.name == "?") continue;
    static const Words figures = {"doll",   "robot",  "toy",      "ghost",  "puppet",
                                  "figure", "statue", "skeleton", "snowman"};
    const bool lives = t.proper || !t.noun || t.noun->living() || figures.count(t.noun->kin) > 0;
    if (!lives && !t.plural) continue;
    if ((ones && ones->name != t.name) || !t.noun || t.noun->category != "person" || !t.plural || !t.sure)
      return;
    ones = &t;
  }
  if (!ones) return;
  clause.who = "the " + ones->name;
  clause.plural = true;
  clause.noun = ones->noun;
  clause.head = ones->at;
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

}  // namespace drf::templates
