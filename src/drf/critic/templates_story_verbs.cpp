// Which words of a sentence are the verbs of a story's clauses.
#include "drf/critic/templates_lexicon.h"
#include "drf/critic/templates_story_cutter.h"
#include "drf/critic/templates_story_links.h"

namespace drf::critic {
namespace {

using Words = std::set<std::string>;

const Words kPronouns = {"he", "she", "it", "they", "there"};

bool noun(const std::string& w) { return find_noun(w) != nullptr; }

}  // namespace

bool ClauseCutter::opens_object(size_t i) const {
  const std::string& w = word(i);
  return is_a("determiner", w) || is_a("object_pronoun", w) || (!w.empty() && find_number(w).has_value());
}

bool ClauseCutter::plain_end(size_t i) const {
  const std::string& w = word(i);
  return w.empty() || joins(i) || is_a("preposition", w) || kLinks.count(w) || is_a("adverb", w) || adverb(i);
}

// "rolls", "is", "they roll", "before rolling"
bool ClauseCutter::verb(size_t i, StoryClause& clause) const {
  const std::string& w = word(i);
  if (w.empty() || i == begin_) return false;
  size_t k = i - 1;
  while (k > begin_ && (adverb(k) || word(k) == "then" || word(k) == "finally")) --k;
  const std::string& prior = word(k);
  if (w == "is" || w == "are" || w == "'s") {
    if (w == "'s" && !kPronouns.count(prior)) return false;
    clause.base = "be";
    clause.many = w == "are";
    return true;
  }
  if (is_a("auxiliary", w) || is_a("modal", w)) {
    clause.open = true;
    return true;
  }
  if ((prior == "before" || prior == "after") && k == i - 1 && ends_with(w, "ing") && !noun(w)) {
    const VerbForm* form = find_verb(w);
    clause.base = form && form->ing ? form->verb->base : form ? "" : lexicon_verb(w);
    clause.gerund = true;
    return !clause.base.empty();
  }
  const VerbForm* form = find_verb(w);
  const std::string of_lexicon = form ? "" : lexicon_verb(w);
  const bool subject = prior == "he" || prior == "she" || prior == "it";
  const bool shares =
      (mark(k) || joins(k) || word(i - 1) == "then" || word(i - 1) == "finally") && !clauses_.empty();
  if (prior == "to" || prior == "'s" || is_a("preposition", prior) || is_a("determiner", prior)) return false;
  if (form ? form->third : ends_with(w, "s") && !ends_with(w, "ss") && !of_lexicon.empty()) {
    clause.base = form ? form->verb->base : of_lexicon;
    return third(i, k, subject, shares);
  }
  if (form ? !form->base : of_lexicon != w) return false;
  clause.base = w;
  clause.many = true;
  // "they run", "the mannequins in the window start to breathe"
  if (prior == "they" || ((w == "start" || w == "begin") && word(i + 1) == "to")) return true;
  const bool read_so = tagged(i, "VBP") || tagged(i, "VB");
  if (shares && clauses_.back().many && (!noun(w) || word(i - 1) == "then"))
    return read_so || opens_object(i + 1);
  if (tags_[i] == "VBD" && form && form->base && form->past && many(k))
    return plain_end(i + 1) || opens_object(i + 1);  // "burst"
  if (!read_so || tags_[i] == "VBN" || tags_[i] == "VBG" || tags_[i] == "VBD") return false;
  return many(k) ? opens_object(i + 1) || plain_end(i + 1) || tags_[i] == "VBP" : tags_[i] == "VBP";
}

bool ClauseCutter::many(size_t k) const {
  const NounEntry* entry = find_noun(word(k));
  return entry ? entry->plural : looks_plural(word(k));
}

// Whether the word at i, a third person by its form, is one; k stands before it.
bool ClauseCutter::third(size_t i, size_t k, bool subject, bool shares) const {
  const std::string& w = word(i);
  const bool read_so = tagged(i, "VBZ");
  if (subject || !noun(w) || word(k) == "camera") return true;
  if (is_a("relative", word(k))) return true;
  if (shares || mark(k) || joins(k)) {
    if (clauses_.empty()) return false;
    static const Words way = {"into", "onto", "off",  "away",   "out",
                              "up",   "down", "back", "toward", "towards"};
    const VerbForm* next = find_verb(word(i + 1));
    if (next && next->base && !find_verb(word(i + 1))->third && !opens_object(i + 1) &&
        tags_[i + 1].rfind("JJ", 0) != 0)
      return false;  // "and ripples spread"
    return opens_object(i + 1) ||
           (read_so && (plain_end(i + 1) || tagged(i + 1, "NN") || tagged(i + 1, "JJ"))) ||
           (way.count(word(i + 1)) && find_verb(w));
  }
  if (is_adjective(word(k)) && !noun(word(k))) return false;
  if (find_lexicon(word(k) + " " + w)) return false;
  if (opens_object(i + 1)) return !many(k) || read_so;
  // "the kitten stares at"
  const NounEntry* who = find_noun(word(k));
  return read_so || (k == i - 1 && who && who->living() && !who->plural && find_verb(w) && plain_end(i + 1) &&
                     !joins(i + 1) && (!word(i + 1).empty() || mark(i + 1)));
}

}  // namespace drf::critic
