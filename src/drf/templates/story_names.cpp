// Whom each clause of a story tells of, and in which words: nouns as they stand with "the" for "a", pronouns
// by what they mean where that is one thing alone.
#include <numeric>

#include "drf/templates/story_namer.h"

namespace drf::templates {
namespace {

using Words = std::set<std::string>;

// What is told of these is heard or thought, or is of no one thing.
const Words kNobody = {
    "one",      "ones",   "everyone", "everybody", "everything", "someone", "somebody", "something", "nobody",
    "nothing",  "anyone", "anything", "music",     "song",       "radio",   "sound",    "noise",     "voice",
    "narrator", "alarm",  "siren",    "thunder",   "whistle",    "beat",    "time",     "rest",      "both",
    "all",      "each",   "this",     "that",      "these",      "those",   "others",   "other",     "who",
    "which",    "video",  "clip",     "footage",   "film",       "shot",    "scene",    "view",      "style",
    "text",     "i",      "you",      "we",        "me",         "us",      "what",     "none"};
bool vowel_free(const std::string& w) { return w.find_first_of("aeiouyAEIOUY") == std::string::npos; }

}  // namespace

StoryNamer::StoryNamer(const std::vector<Token>& tokens, const Caption& caption,
                       std::vector<std::vector<StoryClause>>& sentences)
    : tokens_(tokens), caption_(caption), sentences_(sentences) {
  for (const Thing& t : caption.things) {
    for (size_t i = t.at; i < tokens.size(); ++i) {
      if (i == t.at || word(i) == word(t.at)) mentions_.emplace_back(&t, i);
    }
  }
}

void StoryNamer::run() {
  for (size_t s = 0; s < sentences_.size(); ++s) {
    auto& clauses = sentences_[s];
    for (size_t c = 0; c < clauses.size(); ++c) {
      StoryClause& clause = clauses[c];
      if (clause.open || clause.there) continue;
      if (clause.subject < clause.subject_end && !pronoun(word(clause.subject))) phrase(clause);
    }
    // "Before serving she taps the crust": behind the clause that it hangs on
    std::vector<size_t> order(clauses.size());
    std::iota(order.begin(), order.end(), 0);
    if (clauses.size() > 1 && clauses[0].gerund) std::swap(order[0], order[1]);
    for (const size_t c : order) {
      StoryClause& clause = clauses[c];
      if (clause.open || clause.there || !clause.who.empty()) continue;
      if (clause.films) {
        static const NounEntry camera{"thing", "", "camera", false, nullptr};
        clause.who = "the camera";
        clause.noun = &camera;
        clause.head = clause.verb - 1;
        continue;
      }
      const std::string& w = word(clause.subject);
      if (clause.subject == clause.subject_end) {
        shares(clauses, c);
      } else if (pronoun(w)) {
        means(s, c, w, clause);
      } else if (his(w)) {  // "a phone drops and its screen cracks"
        StoryClause owner = clause;
        means(s, c, w == "his" ? "he" : w == "her" ? "she" : w == "its" ? "it" : "they", owner);
        if (owner.who.rfind("the ", 0) == 0 && owner.who.find("'s") == std::string::npos)
          phrase(clause, owner.who + (owner.plural && ends_with(owner.who, "s") ? "'" : "'s"));
      }
    }
    for (size_t c = 0; c < clauses.size(); ++c) {
      if (clauses[c].there) clauses[c].who = "there";
      if (!clauses[c].who.empty()) rest(s, c);
    }
  }
}

std::string StoryNamer::text(size_t begin, size_t end) const {
  std::string result;
  for (size_t i = begin; i < end; ++i)
    result += (word(i) == "'s" || word(i) == "n't" || result.empty() ? "" : " ") + raw(i);
  return result;
}

// "everyone", "everybody on the roof of the bakery"
bool StoryNamer::everyone(StoryClause& clause) const {
  const size_t begin = clause.subject, end = clause.subject_end;
  static const Words where = {"in", "on", "at", "around", "inside"};
  if (word(begin) != "everybody" && word(begin) != "everyone") return false;
  if (end > begin + 1 && (!where.count(word(begin + 1)) || word(begin + 2) != "the" || end > begin + 8))
    return true;
  for (size_t i = begin + 3; i < end; ++i) {
    if (tokens_[i].kind != Token::Kind::kWord || tokens_[i].slip || pronoun(word(i)) || his(word(i)) ||
        word(i) == "and")
      return true;
  }
  clause.who = word(begin) + (end > begin + 1 ? " " + text(begin + 1, end) : "");
  clause.head = begin;
  return true;
}

// "a small fox in a blue scarf": "the small fox"
void StoryNamer::phrase(StoryClause& clause, const std::string& owner) const {
  size_t begin = clause.subject, end = clause.subject_end;
  if (everyone(clause)) return;
  const bool only = word(begin) == "only" && clause.base == "be";  // "until only water is left"
  if (only) ++begin;
  if (begin >= end) return;
  static const Words first = {"a", "an", "the", "my", "our", "your"};
  static const Words vague = {"some", "no",     "any",   "many",  "several",   "few",  "more",
                              "most", "every",  "each",  "both",  "all",       "one",  "another",
                              "much", "such",   "half",  "other", "only",      "just", "almost",
                              "not",  "nearly", "about", "even",  "two-thirds"};
  if (his(word(begin)) && owner == "the") return;  // whose?
  if (is_a("preposition", word(begin)) &&
      is_a("determiner", word(begin + 1))) {  // "in the shallows a crocodile"
    size_t second = end;
    for (size_t i = begin + 3; i < end; ++i) {
      if (is_a("determiner", word(i)) && !is_a("preposition", word(i - 1))) second = second == end ? i : 0;
    }
    if (second == end || second == 0) return;
    begin = second;
  }
  if (vague.count(word(begin)) || is_a("preposition", word(begin))) return;
  size_t core = begin;
  while (core < end && !is_a("preposition", word(core)) && tokens_[core].kind == Token::Kind::kWord) ++core;
  if (core < end && word(core) != "of" && tokens_[core].kind != Token::Kind::kWord) return;
  const bool of = word(core) == "of" && core < end;
  size_t head = core - 1;
  // "a man wearing a hat", "a vase filled with sand": up to the participle
  for (size_t i = begin + 1; i < core && !of; ++i) {
    const VerbForm* form = find_verb(word(i));
    if (!find_noun(word(i - 1)) || find_noun(word(i)) || !form) continue;
    if ((form->ing || form->participle) && i > begin + 1) {
      head = i - 1;
      break;
    }
  }
  for (size_t i = begin; i < end; ++i) {
    const std::string& w = word(i);
    if (only && clause.many && w == "and" && i > begin && find_noun(word(i - 1))) {
      clause.who = "only " + text(begin, end);
      clause.plural = true;
      clause.head = end - 1;
      return;
    }
    if (i > begin && is_a("determiner", w) && i <= head) return;  // "the moment the doors close"
    static const Words before_nouns = {"music", "song", "sound", "noise", "voice",
                                       "alarm", "time", "video", "film",  "text"};
    const bool nobody = kNobody.count(w) && !(i < head && before_nouns.count(w));  // "the time traveler"
    if (tokens_[i].kind != Token::Kind::kWord || tokens_[i].slip || nobody || w == "and" || w == "or" ||
        is_a("relative", w) || pronoun(w) || w == "with") {
      if (i > head && w == "with") continue;
      if (i > head && (w == "and" || is_a("object_pronoun", w))) continue;
      return;
    }
  }
  if (head < begin || head - begin > 4) return;
  const std::string& name = word(head);
  const NounEntry* noun = find_noun(name);
  for (const Thing& t : caption_.things) {  // "fox cub"
    if (t.at == head && t.noun) noun = t.noun;
  }
  const bool article = first.count(word(begin)) > 0 || owner != "the";
  const bool number = find_number(word(begin)).has_value();
  const bool proper = !article && !number && raw(head)[0] >= 'A' && raw(head)[0] <= 'Z' &&
                      (head > 0 && word(head - 1) != "" ? true : !noun);
  if (name.empty() || vowel_free(name) || (article && head == begin)) return;
  if (noun && noun->category == "abstract" && !of && name != "sun" && name != "moon") return;
  if (!noun && !proper && !article && !number) return;
  static const Words weather = {"rain",     "snow",      "wind",   "fog",  "mist", "smoke",  "dust", "light",
                                "sunlight", "moonlight", "breeze", "hail", "sky",  "clouds", "air"};
  // it goes on all along, but "until the fog lifts"
  static const Words turns = {"turn",  "lift",  "clear",  "settle",    "fade",
                              "begin", "start", "vanish", "disappear", "part"};
  if (weather.count(name) && clause.base != "be" && !turns.count(clause.base)) return;
  const bool plural = noun ? noun->plural : !proper && looks_plural(name);
  if (plural != clause.many && !of) return;
  if (is_adjective(name) && !noun) return;
  if (twice(head)) return;
  size_t last = head + 1;
  if (of) {
    last = end;
    for (size_t i = core + 1; i < end; ++i) {
      if (is_a("preposition", word(i))) {
        last = i;
        break;
      }
    }
    if (last - begin > 7 || last == core + 1) return;
  }
  const std::string words = text(article ? begin + 1 : begin, last);
  if (proper && !noun) {
    clause.who = words;
  } else {
    std::string lower = words;
    if (clause.subject == 0 || tokens_[begin - 1].kind == Token::Kind::kMark)
      if (!article && lower[0] >= 'A' && lower[0] <= 'Z' && lower.size() > 1 && lower[1] >= 'a')
        lower[0] = static_cast<char>(lower[0] - 'A' + 'a');
    clause.who = only && !article ? "only " + lower : (only ? "only the " : owner + " ") + lower;
  }
  clause.plural = clause.many;
  clause.noun = noun;
  clause.head = head;
}

// "a dog ... another dog", "a dog ... a dog": which of them?
bool StoryNamer::twice(size_t head) const {
  const std::string& name = word(head);
  size_t times = 0;
  for (size_t i = 1; i < tokens_.size(); ++i) {
    if (word(i) != name) continue;
    size_t d = i;
    while (d > 0 && i - d < 4 && !is_a("determiner", word(d - 1)) && !word(d - 1).empty()) --d;
    const std::string& article = d > 0 ? word(d - 1) : word(i - 1);
    times += article == "a" || article == "an";
    for (size_t k = d; k < i; ++k)
      times += 2 * (word(k) == "other" || word(k) == "second" || word(k) == "third");
    if (article == "another" || article == "each" || article == "every") times += 2;
  }
  return times > 1;
}

void StoryNamer::same(StoryClause& clause, const StoryClause& as) {
  clause.who = as.who;
  clause.plural = as.plural;
  clause.noun = as.noun;
  clause.head = as.head;
}

void StoryNamer::shares(std::vector<StoryClause>& clauses, size_t c) const {
  StoryClause& clause = clauses[c];
  static const Words subordinate = {"before", "after", "until", "once", "when", "while", "?"};
  if (clause.gerund) {  // "before closing it", or the clause behind, at the start
    const bool leads = c == 0;
    const size_t main = leads ? 1 : c - 1;
    if (main < clauses.size() && !clauses[main].open && !clauses[main].there) same(clause, clauses[main]);
    return;
  }
  if (c == 0) return;
  const StoryClause& before = clauses[c - 1];
  // "orbits a statue until the sun comes into view, then drops": of who can, "waits until the bell rings,
  // then leaves"
  if (c >= 2 && clause.link == "then" && subordinate.count(before.link) && !before.open && before.noun &&
      !before.noun->living() && !clauses[c - 2].open && clauses[c - 2].many == clause.many &&
      word(clause.start).empty() &&
      (clauses[c - 2].who == "the camera" || (clauses[c - 2].noun && clauses[c - 2].noun->living())))
    return same(clause, clauses[c - 2]);
  // "waits until the bell rings and leaves": either
  const bool hangs = subordinate.count(before.link) > 0 && c >= 2;
  if (hangs || before.open || before.there || before.gerund || (before.many != clause.many)) return;
  same(clause, before);
}

void name_doers(const std::vector<Token>& tokens, const Caption& caption,
                std::vector<std::vector<StoryClause>>& sentences) {
  StoryNamer(tokens, caption, sentences).run();
}

}  // namespace drf::templates
