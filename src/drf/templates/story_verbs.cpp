// Which words of a sentence are the verbs of a story's clauses.
#include "drf/templates/lexicon.h"
#include "drf/templates/story_cutter.h"
#include "drf/templates/story_links.h"

namespace drf::templates {
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
  const char* link = "";
  for (size_t length = 0; k > begin_; k -= length) {
    const bool small = adverb(k) || word(k) == "then" || word(k) == "finally";
    length = small ? 1 : phrase_before(k + 1, begin_, &link);
    if (length == 0 || length > k - begin_) break;
  }
  const std::string& prior = word(k);
  if (w == "is" || w == "are" || w == "'s") {
    if (w == "'s" && !kPronouns.count(prior)) return false;
    clause.base = "be";
    clause.many = w == "are";
    return true;
  }
  if ((w == "does" || w == "do") && is_a("determiner", word(i + 1)) && !is_a("relative", prior) &&
      k == i - 1 && word(k) != "only") {
    clause.base = "do";  // "does a trick"
    clause.many = w == "do";
    return true;
  }
  if (is_a("auxiliary", w) || is_a("modal", w)) {
    clause.open = true;
    size_t does = i + 1;
    while (adverb(does) || word(does) == "already") ++does;
    const VerbForm* form = w == "has" || w == "have" ? find_verb(word(does)) : nullptr;
    if (form && form->participle) {
      clause.perfect = does;
      clause.base = form->verb->base;
      clause.many = w == "have";
    }
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
  static const Words ones = {"he", "she", "it", "everyone", "everybody"};
  const bool subject = ones.count(prior) > 0;
  const bool shares =
      (mark(k) || joins(k) || word(i - 1) == "then" || word(i - 1) == "finally") && !clauses_.empty();
  if (films(i, clause) || participle(i, clause)) return true;
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
  if (many(k) && only_verb(i, true)) return true;
  if (!read_so || tags_[i] == "VBN" || tags_[i] == "VBG" || tags_[i] == "VBD") return false;
  return many(k) ? opens_object(i + 1) || plain_end(i + 1) || tags_[i] == "VBP" : tags_[i] == "VBP";
}

// "The clay whistle cracks in half as soon as ...", "when the doors open": a clause has a verb, and behind
// its noun this is the only word that may be it.
bool ClauseCutter::only_verb(size_t i, bool plural) const {
  static const Words times = {"when", "once", "until", "till", "before", "after", "soon"};
  const auto starts = [&](size_t j) {
    const char* link = "";
    return j == begin_ || phrase_before(j, begin_, &link) > 0 || mark(j - 1) || joins(j - 1) ||
           times.count(word(j - 1)) > 0 || (word(j - 1) == "as" && j > begin_ + 1 && word(j - 2) == "soon");
  };
  size_t j = i;
  while (j > begin_ && i - j < 5 && !starts(j)) --j;
  if (is_a("preposition", word(i)) || is_a("adverb", word(i)) || is_adjective(word(i))) return false;
  if (!starts(j) || i < j + 2 || !is_a("determiner", word(j)) || many(i - 1) != plural) return false;
  const NounEntry* head = find_noun_beside(word(i - 1));
  const LexiconWord* word_of = head ? nullptr : find_lexicon(word(i - 1));
  if (head ? head->category == "abstract" : !word_of || word_of->kind.empty()) return false;
  if (is_adjective(word(i - 1)) || find_lexicon(word(i - 1) + " " + word(i))) return false;
  for (size_t n = j + 1; n < i; ++n) {
    if (word(n) == "of" && !plural && n + 1 == i - 1 && find_noun(word(n - 1)) && !many(n - 1)) continue;
    const VerbForm* form = find_verb(word(n));
    if (word(n).empty() || is_a("preposition", word(n)) || is_a("relative", word(n)) || word(n) == "'s" ||
        tagged(n, "VBZ") || tagged(n, "VBP") || (form && form->third && !plural && n + 1 < i))
      return false;
    if (form && form->third && !find_noun_beside(word(n))) return false;
  }
  // It is told of by "when", or it tells what another clause hangs on.
  bool hangs = j > begin_ && !mark(j - 1) && !joins(j - 1);
  size_t end = i + 1;
  for (; end < end_ && !mark(end) && !joins(end); ++end) {
    if (times.count(word(end)) || (word(end) == "as" && word(end + 1) == "soon")) break;
    const VerbForm* form = find_verb(word(end));
    if (is_a("auxiliary", word(end)) || word(end) == "is" || word(end) == "are" || tagged(end, "VBZ") ||
        tagged(end, "VBP") || tagged(end, "VBD") || (form && form->third))
      return false;
  }
  // "The suspect climbs out of a window and drops": else what "drops" tells of would be many
  const size_t next = end + 1 + (joins(end + 1) && mark(end));
  const bool goes_on = tagged(next, "VBZ") && (is_a("preposition", word(i + 1)) || end == i + 1);
  if (!plural && (joins(end) || mark(end)) && (goes_on || word(next) == "then")) hangs = true;
  if (!hangs && j == begin_) hangs = end < end_ && !mark(end) && !joins(end);
  return hangs && (plain_end(i + 1) || opens_object(i + 1) || end == i + 1);
}

// "everyone on the roof of the bakery waves"
bool ClauseCutter::of_everyone(size_t i) const {
  for (size_t k = i; k > begin_ && i - k < 9; --k) {
    const std::string& w = word(k - 1);
    if (w == "everyone" || w == "everybody")
      return is_a("preposition", word(k)) && (k - 1 == begin_ || mark(k - 2) || joins(k - 2)) &&
             (opens_object(i + 1) || plain_end(i + 1) || many(i + 1));
    if (w.empty() || tagged(k - 1, "VB") || w == "is" || is_a("auxiliary", w) || is_a("relative", w))
      return false;
  }
  return false;
}

// "A dog digging a hole until it finds a bone", "a boy opening a box, then smiling": of a caption without
// "is".
bool ClauseCutter::participle(size_t i, StoryClause& clause) const {
  const VerbForm* form = find_verb(word(i));
  const std::string base = form ? form->ing ? form->verb->base : "" : lexicon_verb(word(i));
  static const Words states = {"be", "wear", "have", "look", "seem", "feature", "include", "contain", "face"};
  if (!ends_with(word(i), "ing") || base.empty() || states.count(base)) return false;
  static const Words thens = {"then", "finally", "eventually", "suddenly"};
  static const Words times = {"until", "till", "before", "after", "once"};
  const auto finite = [&](size_t k) {
    const VerbForm* is = find_verb(word(k));
    return is_a("auxiliary", word(k)) || word(k) == "is" || word(k) == "are" || tagged(k, "VBZ") ||
           tagged(k, "VBP") || tagged(k, "VBD") || (is && is->third && !noun(word(k)));
  };
  if (!clauses_.empty()) {  // "then smiling", "then the match going out"
    if (!clauses_.back().participle) return false;
    size_t k = i;
    while (k > begin_ && (adverb(k - 1) || thens.count(word(k - 1)))) --k;
    const bool shares = mark(k - 1) || joins(k - 1) || k < i;
    size_t article = i - 1;
    while (article > clauses_.back().verb && !is_a("determiner", word(article)) && !mark(article)) --article;
    const bool other =
        is_a("determiner", word(article)) && thens.count(word(article - 1)) && noun(word(i - 1));
    clause.many = shares ? clauses_.back().many : many(i - 1);
    clause.participle = shares || other;
  } else {
    size_t head = begin_;
    while (head < i && !is_a("preposition", word(head)) && word(head) != "with") ++head;
    const bool named = is_a("determiner", word(begin_)) || find_number(word(begin_));
    if (!named || head < begin_ + 2 || !find_noun_beside(word(head - 1)) || !find_noun_beside(word(i - 1)))
      return false;
    for (size_t k = begin_; k < i; ++k) {
      if (mark(k) || joins(k) || is_a("relative", word(k)) || finite(k)) return false;
    }
    size_t end = i + 1;
    while (end < end_ && !mark(end) && !joins(end) && !times.count(word(end)) && !thens.count(word(end)) &&
           !finite(end))
      ++end;
    size_t next = end;
    while (mark(next) || joins(next)) ++next;
    if (end >= end_ || finite(end) ||
        !(times.count(word(end)) || thens.count(word(next)) || ends_with(word(next), "ing")))
      return false;
    clause.many = many(head - 1);
    clause.participle = true;
  }
  clause.base = base;
  return clause.participle;
}

// "Drone shot circling a lighthouse, then descending to the beach": what the camera does.
bool ClauseCutter::films(size_t i, StoryClause& clause) const {
  static const Words moves = {"circle", "rise",  "descend", "fly",   "sweep", "orbit", "climb", "glide",
                              "soar",   "track", "pan",     "tilt",  "push",  "pull",  "zoom",  "dive",
                              "swoop",  "skim",  "hover",   "drift", "dolly", "spin",  "crane"};
  static const Words shots = {"shot", "footage", "video", "view"};
  static const Words kinds = {"drone", "aerial", "gimbal", "crane", "dolly", "fpv", "steadicam"};
  const VerbForm* form = find_verb(word(i));
  const std::string base = form && form->ing ? form->verb->base : "";
  if (!moves.count(base)) return false;
  const bool heads = clauses_.empty() && i > begin_ + 1 && i < begin_ + 5 && shots.count(word(i - 1)) &&
                     kinds.count(word(i - 2));
  const bool goes_on =
      !clauses_.empty() && clauses_.back().films && (word(i - 1) == "then" || word(i - 1) == "and");
  clause.base = base;
  clause.films = heads || goes_on;
  return clause.films;
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
  if (only_verb(i, false) || of_everyone(i)) return true;
  if (!clauses_.empty() && clauses_.back().verb + 1 == i &&
      clauses_.back().subject == clauses_.back().subject_end)
    return false;  // "rolls the dough, cuts circles"
  if (is_adjective(word(k)) && !noun(word(k))) return false;
  if (find_lexicon(word(k) + " " + w)) return false;
  if (opens_object(i + 1)) return !many(k) || read_so;
  // "the kitten stares at"
  const NounEntry* who = find_noun(word(k));
  return read_so || (k == i - 1 && who && who->living() && !who->plural && find_verb(w) && plain_end(i + 1) &&
                     !joins(i + 1) && (!word(i + 1).empty() || mark(i + 1)));
}

}  // namespace drf::templates
