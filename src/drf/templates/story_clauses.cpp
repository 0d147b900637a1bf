// Where each clause of a sentence begins and ends, and by which word of time it hangs on the one before.
#include <algorithm>

#include "drf/templates/story_cutter.h"
#include "drf/templates/story_links.h"
#include "drf/templates/syntax.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

const Words kPronouns = {"he", "she", "it", "they", "there"};

}  // namespace

ClauseCutter::ClauseCutter(const std::vector<Token>& tokens, size_t begin, size_t end)
    : tokens_(tokens), begin_(begin), end_(end), tags_(tokens.size()) {
  for (const Node& node : read_as_it_stands(tokens, begin, end)) {
    if (node.token >= 0) tags_[static_cast<size_t>(node.token)] = node.tag;
  }
}

const std::string& ClauseCutter::word(size_t i) const {
  static const std::string none;
  return i >= begin_ && i < end_ && tokens_[i].kind == Token::Kind::kWord ? tokens_[i].text : none;
}

std::vector<StoryClause> ClauseCutter::run() {
  for (size_t i = begin_; i < end_; ++i) {
    StoryClause clause;
    clause.verb = i;
    if (inverted(i, clause)) {
      i = clause.verb;
    } else {
      if (!verb(i, clause) || !bounds(clause)) continue;
      if (clause.perfect > 0) i = clause.verb = clause.perfect;
      // "next comes the gin": it is no object
      static const Words come = {"come",  "follow", "go",  "appear", "arrive",
                                 "stand", "sit",    "lie", "hang",   "emerge"};
      clause.open |= come.count(clause.base) && is_a("determiner", word(i + 1)) &&
                     clause.subject == clause.subject_end && clause.link == "then";
    }
    if (!clauses_.empty()) clauses_.back().end = clause.start;
    clause.end = end_;
    clauses_.push_back(clause);
  }
  for (size_t c = 0; c < clauses_.size(); ++c) {  // "By the time the bus arrives, the snowman has melted"
    const bool by =
        (c > 0 && clauses_[c - 1].link == "by") || (c + 1 < clauses_.size() && clauses_[c + 1].link == "by");
    if (clauses_[c].perfect > 0 && by) clauses_[c].open = false;
  }
  return clauses_;
}

bool ClauseCutter::adverb(size_t i) const {
  static const Words small = {"also", "just", "again", "now", "still", "slowly", "immediately", "instantly"};
  return small.count(word(i)) > 0 ||
         (ends_with(word(i), "ly") && word(i) != "only" && !find_noun(word(i)) && !find_verb(word(i)));
}
// Its subject, its link, and where it starts. False for what is no clause.
bool ClauseCutter::bounds(StoryClause& clause) {
  const size_t from = clauses_.empty() ? begin_ : clauses_.back().verb + 1;
  size_t k = clause.verb;  // one behind what is looked at
  static const Words undo = {"nearly", "almost", "hardly", "barely",      "never",
                             "not",    "no",     "rarely", "practically", "scarcely"};
  for (bool more = true; more && k > from;) {
    const char* link = "";
    const size_t length = phrase_before(k, from, &link);  // "and only after that pulls out the tray"
    more = length > 0 || adverb(k - 1) || of_time(k - 1) || undo.count(word(k - 1));
    if (!more) break;
    if (length > 0) {
      if (*link) clause.link = link;
      k -= length;
      continue;
    }
    note(clause, word(--k));
    clause.open |= undo.count(word(k)) > 0;
  }
  clause.subject = clause.subject_end = k;
  if (clause.gerund) {
    clause.start = clause.verb;
    absorb(clause, from);
    return true;
  }
  if (k == from) {
    clause.open = true;
    clause.start = k;
    return !clauses_.empty();
  }
  if (is_a("relative", word(k - 1))) return false;
  if (mark(k - 1) || joins(k - 1) || word(k - 1) == "then" || word(k - 1) == "finally") {
    clause.open |= clauses_.empty();
  } else if (kPronouns.count(word(k - 1))) {
    clause.subject = k - 1;
    clause.there = word(k - 1) == "there";
  } else {
    size_t j = k - 1;
    while (j > from && !border(j - 1)) --j;
    if (j == from && !clauses_.empty() && word(k) == "then") {  // "kneels in the mud then digs"
      clause.start = k;
      absorb(clause, from);
      return true;
    }
    if (j == from && !clauses_.empty()) {  // "Once the train enters a tunnel the screen goes dark"
      size_t article = k - 1;
      while (article > from && (!is_a("determiner", word(article)) || is_a("preposition", word(article - 1))))
        --article;
      clause.open |= !is_a("determiner", word(article)) || clauses_.back().link.empty() ||
                     clauses_.back().link == "then" || clauses_.back().link == "while" || article == from;
      j = article;
    }
    clause.open |= j > from && (is_a("relative", word(j - 1)) ||
                                (joins(j - 1) && clauses_.empty()));  // "a nose ring ties"
    // "until only a carrot and two buttons are left"
    for (size_t o = j; clause.many && clause.base == "be" && word(j - 1) == "and" && o > from && j - o < 6;
         --o) {
      if (word(o - 1) == "only") j = o - 1;
    }
    for (const auto& [phrase, link] : kPhrases) {  // "after a few seconds the tent": not the seconds
      const size_t length = j > from ? phrase_at(j - 1, phrase) : 0;
      if (length < 2 || j - 1 + length >= k) continue;
      --j;
      break;
    }
    clause.subject = fronted(j, k, clause);
  }
  clause.start = clause.subject;
  absorb(clause, from);
  return true;
}

bool ClauseCutter::border(size_t i) const {
  static const Words that = {"that", "this"};
  if (i > begin_ && that.count(word(i)) && (word(i - 1) == "with" || word(i - 1) == "after")) return false;
  if (word(i) == "after" && that.count(word(i + 1))) return false;  // "after that the lid comes off"
  if (i > begin_ && word(i) == "moment" && word(i - 1) == "the" && word(i + 1) == "the") return true;
  if (i > begin_ + 1 && word(i) == "time" && word(i - 1) == "the" && word(i - 2) == "by") return true;
  return mark(i) || joins(i) || (kLinks.count(word(i)) && word(i) != "than" && !ends_phrase(i)) ||
         is_a("relative", word(i));
}
// "the next scene", "the first man": no word of time
bool ClauseCutter::ends_phrase(size_t i) const {
  return (word(i) == "next" || word(i) == "first" || word(i) == "once" || word(i) == "later") &&
         (is_a("determiner", word(i - 1)) || (word(i) == "next" && word(i + 1) == "to"));
}

void ClauseCutter::note(StoryClause& clause, const std::string& w) const {
  const auto link = kLinks.find(w);
  if (link == kLinks.end()) return;
  const std::string& what = link->second;
  static const Words weak = {"", "then", "first"};
  static const Words hangs = {"before", "after", "until", "once", "when"};
  // "when the doors finally open"
  if (weak.count(clause.link) || what == "?" || what == "while" ||
      (clause.link == "finally" && hangs.count(what)))
    clause.link = what;
}

// "Then, in the end the fox": the links at [j, k), before the subject.
size_t ClauseCutter::fronted(size_t j, size_t k, StoryClause& clause) const {
  for (bool more = true; more && j < k;) {
    more = false;
    for (const auto& [phrase, link] : kPhrases) {
      const size_t length = phrase_at(j, phrase);
      if (length == 0 || j + length >= k) continue;
      if (*link) clause.link = link;
      j += length;
      more = true;
    }
    if (j < k && (adverb(j) || kLinks.count(word(j)))) {
      // "Immediately the clock stops"
      if (j == begin_ && clause.link.empty() && (word(j) == "immediately" || word(j) == "instantly"))
        clause.link = "then";
      note(clause, word(j++));
      more = true;
    }
  }
  return j;
}

// A phrase of time that ends before token k: how many tokens it has, 0 where there is none.
size_t ClauseCutter::phrase_before(size_t k, size_t from, const char** link) const {
  size_t longest = 0;
  for (const auto& [phrase, what] : kPhrases) {
    const size_t length =
        static_cast<size_t>(std::count(phrase, phrase + std::string(phrase).size(), ' ')) + 1;
    if (length <= longest || k < from + length || phrase_at(k - length, phrase) == 0) continue;
    longest = length;
    *link = what;
  }
  // "a few minutes later", "years later"
  static const Words times = {"moment", "second", "minute", "hour", "day",    "night",   "week",
                              "month",  "year",   "while",  "beat", "breath", "instant", "heartbeat"};
  static const Words counts = {"a", "an", "one", "two", "three", "few", "several", "some", "many", "little"};
  const std::string time = k >= from + 2 && word(k - 1) == "later" ? word(k - 2) : "";
  if (times.count(ends_with(time, "s") ? time.substr(0, time.size() - 1) : time)) {
    size_t length = 2;
    while (k > from + length && counts.count(word(k - length - 1))) ++length;
    if (length > longest) {
      longest = length;
      *link = "then";
    }
  }
  return longest;
}

size_t ClauseCutter::phrase_at(size_t i, const std::string& phrase) const {
  size_t length = 0;
  for (size_t at = 0; at <= phrase.size();) {
    const size_t blank = std::min(phrase.find(' ', at), phrase.size());
    if (word(i + length) != phrase.substr(at, blank - at)) return 0;
    ++length;
    at = blank + 1;
  }
  return length;
}

// "only then does the light fade": of "does" at token i.
bool ClauseCutter::inverted(size_t i, StoryClause& clause) const {
  if ((word(i) != "does" && word(i) != "do") || i < begin_ + 2) return false;
  const char* link = "";
  const size_t from = clauses_.empty() ? begin_ : clauses_.back().verb + 1;
  const size_t length = phrase_before(i, from, &link);
  if (length < 2 || word(i - length) != "only" || std::string(link) != "then") return false;
  const bool pronoun = kPronouns.count(word(i + 1)) > 0 && word(i + 1) != "there";
  if (!pronoun && !is_a("determiner", word(i + 1))) return false;
  for (size_t v = i + 2; v < std::min(end_, i + 8) && !mark(v) && !joins(v); ++v) {
    if (base_form(word(v)).empty()) continue;
    const bool last = v + 1 >= end_ || mark(v + 1);  // "the light fade"
    if (!pronoun && (v == i + 2 || (!last && (tagged(v, "NN") || tagged(v, "JJ"))))) continue;
    clause.base = word(v);
    clause.verb = v;
    clause.subject = i + 1;
    clause.subject_end = v;
    clause.many = word(i) == "do";
    clause.link = "then";
    clause.start = i - length;
    if (clause.start > from && (joins(clause.start - 1) || mark(clause.start - 1))) --clause.start;
    if (clause.start > from && mark(clause.start - 1)) --clause.start;
    return true;
  }
  return false;
}

// Takes the links that stand before a clause into it.
void ClauseCutter::absorb(StoryClause& clause, size_t from) const {
  const auto phrase = [&](size_t end) {
    const char* link = "";
    const size_t length = phrase_before(end, from, &link);
    if (*link) clause.link = clause.link.empty() || clause.link == "then" ? link : clause.link;
    return length;
  };
  for (bool more = true; more && clause.start > from;) {
    more = false;
    const size_t last = clause.start - 1;
    if (const size_t length = phrase(clause.start); length > 0) {
      clause.start -= length;
      more = true;
      continue;
    }
    // "and, last of all, drops it in"
    if (mark(last) && clause.start >= from + 2) {
      const char* link = "";
      size_t length = phrase_before(last, from, &link);
      static const Words ones = {"then", "finally",    "eventually", "lastly",
                                 "next", "afterwards", "later",      "soon"};
      if (length == 0 && ones.count(word(last - 1))) {
        length = 1;
        link = kLinks.at(word(last - 1)).c_str();
      }
      const size_t first = last - length;
      if (length > 0 && *link &&
          (first == begin_ || (first > from && (mark(first - 1) || joins(first - 1))))) {
        clause.start = first;
        clause.link = link;
        more = true;
        continue;
      }
    }
    // "lies still until": how it lies
    if ((word(last) == "still" || word(last) == "again") && kLinks.count(word(last + 1))) continue;
    if (mark(last) || joins(last) || adverb(last) || (kLinks.count(word(last)) && !ends_phrase(last))) {
      if (word(last) == "or") clause.open = true;
      note(clause, word(last));
      --clause.start;
      more = !mark(last);
    }
  }
}

std::vector<StoryClause> story_clauses(const std::vector<Token>& tokens, size_t begin, size_t end) {
  return begin < end ? ClauseCutter(tokens, begin, end).run() : std::vector<StoryClause>();
}

}  // namespace drf::templates
