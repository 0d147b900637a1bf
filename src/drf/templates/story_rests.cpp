// What follows the verb of a story's clause, in the caption's words.
#include "drf/templates/story_namer.h"

namespace drf::templates {

using Words = std::set<std::string>;

// Where what is said of the clause ends; 0 where it is not certain.
size_t StoryNamer::rest_end(const StoryClause& clause) const {
  static const Words denies = {
      "not",    "never", "no",    "nobody", "nothing", "neither", "nor",    "n't",   "hardly",  "alone",
      "barely", "like",  "if",    "than",   "between", "both",    "either", "would", "could",   "should",
      "will",   "can",   "may",   "might",  "instead", "almost",  "nearly", "about", "perhaps", "maybe",
      "i",      "you",   "we",    "my",     "your",    "our",     "us",     "me",    "others",  "more",
      "less",   "each",  "whose", "ago",    "tries",   "trying"};
  static const Words times = {"until", "before", "after", "once", "when", "till"};
  static const Words cuts = {"who", "which", "that", "where", "while", "because", "without"};
  static const Words mental = {"discover", "realize",  "notice", "see",    "hear",      "say",   "tell",
                               "ask",      "explain",  "show",   "mean",   "seem",      "try",   "fail",
                               "learn",    "find out", "expect", "refuse", "pretend",   "have",  "feature",
                               "depict",   "capture",  "belong", "reveal", "represent", "watch", "look",
                               "cost",     "want",     "live",   "use",    "spend",     "let",   "call"};
  static const Words ways = {"up",   "back",   "around", "down", "away",
                             "over", "behind", "inside", "into", "out"};
  const bool looks = clause.base == "look" && ways.count(word(clause.verb + 1)) > 0;  // "looks up"
  // "rings the bell": a hand is seen to
  const bool bell =
      clause.base == "ring" && clause.noun && clause.noun->living() && word(clause.verb + 2) == "bell";
  if ((mental.count(clause.base) && !looks) || (is_a("unseen_verb", clause.base) && !bell)) return 0;
  size_t end = clause.verb + 1;
  for (; end < clause.end; ++end) {
    const std::string& w = word(end);
    if (tokens_[end].kind == Token::Kind::kQuote) return 0;
    // "sits on a bench that isn't there"
    const std::string& does = word(end + 1);
    if (w == "that" && (word(end + 2) == "not" || word(end + 2) == "n't" || does == "never" || does == "no"))
      return 0;
    if (tokens_[end].kind == Token::Kind::kMark || cuts.count(w)) break;
    if (denies.count(w) || tokens_[end].slip) return 0;
    const bool one = (w == "one" || w == "ones") && word(end - 1) != "by" && word(end + 1) != "by";
    static const Words which = {"first", "second", "third", "last", "other", "next", "whole"};
    if (one && which.count(word(end - 1))) return 0;
    if (one && (end + 1 >= clause.end || word(end + 1).empty() || is_a("preposition", word(end + 1))))
      return 0;
    if (w == "as" || w == "so" || w == "such" || times.count(w)) return 0;
    if (w == "and" && end + 1 == clause.end) break;  // "shatters and, with that, ..."
    if (w == "and" || w == "or") {
      const std::string& before = word(end - 1);
      static const Words second = {"in", "out", "up", "down", "off", "away", "back", "over", "around"};
      if (second.count(before) && end > clause.verb + 1) break;
      if (w == "or" || !find_noun(before) || is_adjective(before) || end == clause.verb + 1) return 0;
      break;
    }
  }
  if (end < clause.end && cuts.count(word(end)) && end == clause.verb + 1 && word(end) != "without") return 0;
  if (end - clause.verb > 12) return 0;
  return end;
}

// What follows the verb, in the caption's words, pronouns by what they mean; else nothing is asked.
void StoryNamer::rest(size_t s, size_t c) {
  StoryClause& clause = sentences_[s][c];
  const size_t end = rest_end(clause);
  if (end == 0) return;
  std::string words;
  for (size_t i = clause.verb + 1; i < end; ++i) {
    const std::string& w = word(i);
    std::string said = raw(i);
    // "pawns his cymbal to pay for an aid": what for is not seen
    static const Words lets = {"wait",  "help", "ask", "cause",  "force",
                               "allow", "lead", "get", "signal", "use"};
    const VerbForm* purpose = w == "to" ? find_verb(word(i + 1)) : nullptr;
    if (purpose && purpose->base && i > clause.verb + 2 && find_noun(word(i - 1)) && !lets.count(clause.base))
      break;
    if (w == "then" || w == "finally" || w == "eventually" || w == "suddenly" || w == "soon" ||
        w == "already")
      continue;
    if (his(w) && !(w == "her" && objective(i, end))) {
      if (clause.base == "be") return;  // "a seal is in its jaws"
      if (!owns(w, clause, s)) {
        const StoryClause* owner = c > 0 ? &sentences_[s][c - 1] : nullptr;
        const bool known = owner && w != "its" && w != "their" && owner->noun &&
                           owner->noun->category == "person" && owner->who.rfind("the ", 0) == 0 &&
                           owner->who != clause.who && owns(w, *owner, s) &&
                           !(clause.noun && clause.noun->living());
        if (!known) return;
        said = owner->who + "'s";
      }
    } else if (w == "it" || w == "him" || w == "her" || w == "them") {
      // "tosses it a bone": to whom
      const bool given =
          i == clause.verb + 1 && (word(i + 1) == "a" || word(i + 1) == "an" || word(i + 1) == "the");
      if (given && w != "her") return;
      static const Words films = {"film", "record", "photograph", "watch",
                                  "try",  "do",     "make"};  // what happens
      said = films.count(clause.base) ? "" : meant(i, clause, s);
      clause.takes_it |= w == "it" && !said.empty();
      if (said.empty() || word(i + 1) == "all" || word(i + 1) == "both") return;
    } else if (w == "himself" || w == "herself" || w == "itself" || w == "themselves") {
      if (!fits(w == "himself"   ? "he"
                : w == "herself" ? "she"
                : w == "itself"  ? "it"
                                 : "they",
                word(clause.head), clause.noun, clause.plural, false))
        return;
    } else if (w == "he" || w == "she" || w == "they" || w == "there" || w == "this" || w == "these" ||
               w == "those") {
      return;
    }
    words += (w == "'s" ? "" : " ") + said;
  }
  while (ends_with(words, " then") || ends_with(words, " just") || ends_with(words, " right") ||
         ends_with(words, " only"))
    words.erase(words.rfind(' '));
  const std::string last = words.substr(words.rfind(' ') + 1);
  static const Words torn = {"the", "a",    "an", "of", "to",  "and",  "with",
                             "for", "from", "at", "is", "are", "into", "onto"};
  if (torn.count(last)) return;
  if (clause.base == "be" && words.empty()) return;
  clause.rest = words;
  clause.said = true;
}

// "her" of nothing behind it
bool StoryNamer::objective(size_t i, size_t end) const {
  return i + 1 >= end || is_a("preposition", word(i + 1)) || is_a("adverb", word(i + 1)) ||
         word(i + 1) == "to" || is_a("determiner", word(i + 1));
}

}  // namespace drf::templates
