// Whom a piece of a caption tells of, by what it begins with.
#include "drf/templates/fragments.h"

#include <algorithm>

#include "drf/templates/apart.h"
#include "drf/templates/fragment_reader.h"
#include "drf/templates/lexicon.h"
#include "drf/templates/story.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

constexpr size_t kMost = 6;          // of one prompt
constexpr size_t kMostTokens = 600;  // that are read

// How something is, to the eye, said behind it.
const Words kStateWords = {"asleep", "awake", "afloat", "adrift", "ablaze", "upright", "motionless", "ajar"};

}  // namespace

void FragmentReader::run() {
  static const Words doubts = {"like",  "if",      "reverse", "reversed", "imagine",
                               "dream", "dreams",  "not",     "no",       "n't",
                               "never", "without", "as",      "pretends", "pretending"};
  if (std::any_of(doubts.begin(), doubts.end(), [&](const auto& w) { return caption_.words.count(w) > 0; }))
    return;
  if (tokens_.size() > kMostTokens) return;
  static const Words next = {"then",    "before",     "after", "until", "suddenly", "later",
                             "finally", "eventually", "once",  "when",  "soon",     "now"};
  goes_on_ =
      std::any_of(next.begin(), next.end(), [&](const auto& w) { return caption_.words.count(w) > 0; });
  for (size_t begin = 0, i = 0; i <= tokens_.size(); ++i) {
    if (!ends_sentence(tokens_, i)) continue;
    for (const StoryClause& clause : story_clauses(tokens_, begin, i)) {
      if (!clause.participle && !clause.gerund && !clause.films) verbs_.insert(clause.verb);
    }
    begin = i + 1;
  }
  bool told = false;  // the sentence has a verb before: what follows may hang on its object
  for (size_t begin = 0, i = 0; i <= tokens_.size(); ++i) {
    if (!ends_sentence(tokens_, i) && !(tokens_[i].kind == Token::Kind::kMark && tokens_[i].text == ","))
      continue;
    if (i > begin && !told) piece(begin, i);
    for (size_t k = begin; k < i; ++k) told |= tells(k);
    told &= !ends_sentence(tokens_, i);
    begin = i + 1;
  }
}

const Thing* FragmentReader::thing_at(size_t i) const {
  for (const Thing& t : caption_.things) {
    if (t.at == i) return &t;
  }
  return nullptr;
}

// Whether the word at i is a verb that tells something, and no noun.
bool FragmentReader::tells(size_t i) const {
  const std::string& w = word(i);
  if (verbs_.count(i) || is_a("auxiliary", w) || is_a("modal", w)) return true;
  const VerbForm* form = find_verb(w);
  if (form) return form->third && !find_noun_beside(w);
  return ends_with(w, "s") && !find_noun_beside(w) && !lexicon_verb(w).empty() && !is_a("preposition", w) &&
         !find_lexicon(w);
}

// What tokens [begin, end) begin with, where that is one thing that is surely there, and the only one called
// so.
const Thing* FragmentReader::told_of(size_t begin, size_t end) const {
  static const Words vague = {"some", "no", "any", "every", "each", "both", "all", "another"};
  size_t head = begin;
  for (; !thing_at(head); ++head) {
    const std::string& w = word(head);
    if (head >= std::min(end, begin + 5) || w.empty() || tokens_[head].slip || is_a("preposition", w) ||
        is_a("relative", w) || w == "and" || is_a("pronoun", w))
      return nullptr;
  }
  const Thing& t = *thing_at(head);
  const std::string& first = word(begin);
  const bool article = is_a("determiner", first) || find_number(first).has_value();
  if ((!article && !t.proper) || vague.count(first) || his(first)) return nullptr;
  if (head >= end || !t.sure || t.negated || !t.visible() || is_film(t.name) || t.mass()) return nullptr;
  // "two dogs on a sofa, a dog under a table": of which?
  const bool twice = std::any_of(caption_.things.begin(), caption_.things.end(), [&](const Thing& other) {
    return &other != &t && (plural_of(other.name) == t.name || plural_of(t.name) == other.name);
  });
  return !twice && is_named_alone(caption_, static_cast<int>(&t - caption_.things.data())) ? &t : nullptr;
}

// "an armadillo digging under a rusty trailer"
void FragmentReader::piece(size_t begin, size_t end) {
  if (word(begin) == "and") ++begin;
  const Thing* t = told_of(begin, end);
  if (!t) return;
  size_t p = t->at + 1;
  const bool finite = word(p) == "is" || word(p) == "are";
  p += finite;
  if (p >= end) return;
  static const Words pronouns = {"it", "them", "him", "there"};  // "a lion on a rock in it": of a picture?
  for (size_t i = p; i < end; ++i) {
    if (tells(i) || pronouns.count(word(i))) return;
  }
  const std::string start =
      std::string(t->plural ? "Are " : "Is ") + (t->proper ? "" : "the ") + t->name + " ";
  const bool all_along =
      !goes_on_ && verbs_.size() == (finite ? 1 : 0);  // else it may wake up, or go elsewhere
  if (const std::string base = deed(*t, p, end, finite); !base.empty()) {
    const bool stays = !ends_with(word(p), "ing");  // "parked by a gas pump"
    const auto rest = rest_of(*t, p + 1, end);
    if (rest && !(rest->empty() && needs_object(p)) && !asked(*t, base, *rest) && (!stays || all_along))
      add(*t, start + word(p) + *rest + "?");
    return;
  }
  if (!all_along || stirs(end)) return;
  if (kStateWords.count(word(p))) add(*t, start + word(p++) + "?");
  const std::string where = place(p, end, *t);
  if (!where.empty() && !placed(*t, where)) add(*t, start + where + "?");
}

// "a man at a desk, standing up": whether a piece behind token i begins with what is done by the same one.
bool FragmentReader::stirs(size_t i) const {
  for (; i + 1 < tokens_.size(); ++i) {
    if (tokens_[i].kind != Token::Kind::kMark && word(i) != "and") continue;
    size_t k = i + 1;
    while (is_a("adverb", word(k)) || word(k) == "and") ++k;
    if (ends_with(word(k), "ing") && !find_noun(word(k))) return true;
  }
  return false;
}

void FragmentReader::add(const Thing& t, const std::string& question) {
  if (made_++ >= kMost) return;
  Fact& fact = caption_.facts.emplace_back();
  fact.thing = t.proper ? -1 : static_cast<int>(&t - caption_.things.data());
  fact.value = question;
}

void add_fragments(const std::vector<Token>& tokens, Caption& caption) {
  if (!caption.tags) FragmentReader(tokens, caption).run();
}

}  // namespace drf::templates
