// Whom a piece of a caption tells of, by what it begins with.
#include "drf/templates/fragments.h"

#include <algorithm>

#include "drf/templates/fragment_reader.h"
#include "drf/templates/lexicon.h"
#include "drf/templates/story.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

constexpr size_t kMost = 6;  // of one prompt

// How something is, to the eye, said behind it.
const Words kStateWords = {"asleep", "awake", "afloat", "adrift", "ablaze", "upright", "motionless", "ajar"};

}  // namespace

void FragmentReader::run() {
  static const Words doubts = {"like",  "if",      "reverse", "reversed", "imagine",
                               "dream", "dreams",  "not",     "no",       "n't",
                               "never", "without", "as",      "pretends", "pretending"};
  if (std::any_of(doubts.begin(), doubts.end(), [&](const auto& w) { return caption_.words.count(w) > 0; }))
    return;
  for (size_t begin = 0, i = 0; i <= tokens_.size(); ++i) {
    if (!ends_sentence(i)) continue;
    for (const StoryClause& clause : story_clauses(tokens_, begin, i)) {
      if (!clause.participle && !clause.gerund && !clause.films) verbs_.insert(clause.verb);
    }
    begin = i + 1;
  }
  bool told = false;  // the sentence has a verb before: what follows may hang on its object
  for (size_t begin = 0, i = 0; i <= tokens_.size(); ++i) {
    if (!ends_sentence(i) && !(tokens_[i].kind == Token::Kind::kMark && tokens_[i].text == ",")) continue;
    if (i > begin && !told) piece(begin, i);
    for (size_t k = begin; k < i; ++k) told |= tells(k);
    told &= !ends_sentence(i);
    begin = i + 1;
  }
}

bool FragmentReader::ends_sentence(size_t i) const {
  static const std::string ends = ".;:!?()";
  return i >= tokens_.size() ||
         (tokens_[i].kind == Token::Kind::kMark && ends.find(tokens_[i].text) != std::string::npos);
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
  const auto same = std::count_if(caption_.things.begin(), caption_.things.end(), [&](const Thing& other) {
    return other.name == t.name || ends_with(t.name, " " + other.name) || ends_with(other.name, " " + t.name);
  });
  return same == 1 ? &t : nullptr;
}

// "an armadillo digging under a rusty trailer"
void FragmentReader::piece(size_t begin, size_t end) {
  if (word(begin) == "and") ++begin;
  const Thing* t = told_of(begin, end);
  if (!t) return;
  size_t p = t->at + 1;
  const bool is = word(p) == "is" || word(p) == "are";
  p += is;
  if (p >= end) return;
  for (size_t i = p; i < end; ++i) {
    if (tells(i)) return;
  }
  const std::string start =
      std::string(t->plural ? "Are " : "Is ") + (t->proper ? "" : "the ") + t->name + " ";
  const bool all_along = verbs_.size() == (is ? 1 : 0);  // else it may wake up, or go elsewhere
  if (const std::string base = deed(*t, p, end, is); !base.empty()) {
    const auto rest = rest_of(*t, p + 1, end);
    if (rest && !(rest->empty() && needs_object(p)) && !asked(*t, base, *rest))
      add(*t, start + word(p) + *rest + "?");
    return;
  }
  if (!all_along) return;
  if (kStateWords.count(word(p))) add(*t, start + word(p++) + "?");
  const std::string where = place(p, end);
  if (!where.empty() && !placed(*t, where)) add(*t, start + where + "?");
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
