// Which of two parsed deeds comes first: told by a word ("then", "before", "once"), by a list of deeds that
// are over when the next one begins, or by what one deed sets off.
#include <algorithm>

#include "drf/templates/clause_words.h"
#include "drf/templates/clauses.h"

namespace drf::templates {
namespace {

// What a story ends with: its doer is gone, or is another thing.
const std::set<std::string> kGone = {"leave",    "enter",   "disappear", "vanish", "fade",     "melt",
                                     "crumble",  "shatter", "explode",   "burst",  "collapse", "snap",
                                     "dissolve", "break",   "evaporate", "split",  "turn",     "harden"};
// Told of what happens again and again.
const char* const kRepeats[] = {" again and again ", " over and over ",  " repeatedly ",   " endlessly ",
                                " always ",          " constantly ",     " continuously ", " alternately ",
                                " in a loop ",       " on loop ",        " looping ",      " looped ",
                                " loops ",           " seamless loop ",  " endless loop ", " perfect loop ",
                                " every ",           " each day ",       " all day ",      " daily ",
                                " often ",           " back and forth ", " time-lapse ",   " timelapse ",
                                " take turns ",      " in turn "};

// "stands on the roof. She stamps her boots": she stands there still.
bool goes_on_beside(const std::string& base, const std::string& value) {
  const VerbForm* form = find_verb(base);
  static const std::set<std::string> moves = {"up",   "down", "through", "into",  "out",
                                              "over", "past", "away",    "toward"};
  const size_t second = std::min(base.size() + 1, value.size());
  return form && form->verb->kind == VerbEntry::Kind::kPosture &&
         !moves.count(first_word(value.substr(second)));
}

bool backwards(const std::set<std::string>& words) {
  for (const char* word : {"reverse", "reversed", "rewind", "rewinds", "rewinding", "rewound"}) {
    if (words.count(word)) return true;
  }
  return false;
}

}  // namespace

// The word of time that makes a clause of the verb: "before he turns on the tap", "after blowing it out".
std::string ClauseReader::time_link(const Sentence& s, int v) const {
  static const std::set<std::string> links = {"before", "after", "until", "once", "when"};
  const Node& node = at(s, v);
  if (!node.sure) return "";
  if (node.dep == "pcomp") {
    const Node& link = at(s, node.head);
    return link.sure && link.dep == "prep" && node.tag == "VBG" && node.head == v - 1 &&
                   (link.word == "before" || link.word == "after")
               ? link.word
               : "";
  }
  if (node.dep != "advcl" || node.base.empty()) return "";
  for (const int c : children(s, v)) {
    const Node& small = at(s, c);
    if ((small.dep == "mark" || small.dep == "advmod") && small.sure && links.count(small.word) && c < v &&
        child(s, v, "nsubj") > c)
      return small.word;
  }
  return "";
}

// Whether a clause of time is told as what happens.
bool ClauseReader::told_in_time(const Sentence& s, int v) const {
  for (const int c : children(s, v)) {
    const Node& small = at(s, c);
    if (small.dep == "neg" || small.tag == "MD" || small.tag == "TO" || kDoubts.count(small.word) ||
        small.word == "just" || small.word == "long" || small.word == "shortly")
      return false;
    if ((small.dep == "aux" || small.dep == "auxpass") && small.word != "is" && small.word != "are")
      return false;
  }
  // "after the rain stops": it may not be seen to fall
  const std::string base = base_of(s, v);
  if (base == "stop" && time_link(s, v) != "before" && time_link(s, v) != "until") return false;
  return real(s, at(s, v).dep == "pcomp" ? at(s, at(s, v).head).head : at(s, v).head);
}

// Whether nothing that joins them in another way stands between two verbs of one sentence.
bool ClauseReader::next_to(const Deed& a, const Deed& b) const {
  const Sentence& s = *a.in;
  for (int n = a.verb + 1; n < b.verb; ++n) {
    const std::string& word = at(s, n).word;
    if (at(s, n).dep == "prep" && at(s, n).sure && child(s, n, "pobj") > n)
      continue;  // "kneels before the queen"
    for (const char* link :
         {"while", "as", "before", "after", "until", "when", "once", "or", "but", "because", "so"}) {
      if (word == link) return false;
    }
    if (is_a("relative", word)) return false;
  }
  return true;
}

// Whether deed b is told as what comes after a.
bool ClauseReader::sequel(const Deed& a, const Deed& b) const {
  if (a.in != b.in || !a.link.empty() || !b.link.empty() || !next_to(a, b)) return false;
  const Sentence& s = *a.in;
  bool then = false, others = false;
  for (int n = a.verb + 1; n < b.verb; ++n) {
    const std::string& word = at(s, n).word;
    then |= word == "then" || ((word == "finally" || word == "eventually") && a.subject == b.subject);
    if (word == "then" || word == "finally") others = false;
    others |= !at(s, n).base.empty() && !then;
  }
  for (const int c : children(s, b.verb)) {
    then |= c > b.verb && at(s, c).word == "then";
  }
  if (then) return a.subject == b.subject || !others;
  // "adopts a kitten, and together they build a rocket"
  const int subject = child(s, b.verb, "nsubj");
  if (subject > a.verb && pairs_.count(at(s, subject).token) && !others && finished(a)) {
    for (int n = a.verb + 1; n < b.verb; ++n) {
      if (at(s, n).word == "together") return true;
    }
  }
  if (a.subject != b.subject) return false;
  const bool one_row = top(s, a.verb) == top(s, b.verb);
  if (a.ends && b.ends && a.object >= 0 && a.object == b.object) return true;
  // three or more verbs of one subject, one after the other
  int row = 0;
  for (int n = 0; n < static_cast<int>(s.nodes.size()); ++n) {
    const bool own = n != top(s, a.verb) && (child(s, n, "nsubj") >= 0 || child(s, n, "nsubjpass") >= 0);
    const bool does = at(s, n).word == "does" && at(s, n).dep == "conj" && child(s, n, "dobj") > n;
    row += (!at(s, n).base.empty() || does) && top(s, n) == top(s, a.verb) && !own;
  }
  if (row >= 3 && one_row && finished(b) && (finished(a) || goes_past(a) || (takes_both_hands(a) && b.ends)))
    return true;
  if (one_row && leads_to(a, b)) return true;
  if (a.own_words || b.own_words) return false;
  const std::string second = first_word(b.value);
  const bool gone = kGone.count(second) > 0 || ends_with(b.value, " away") || ends_with(b.value, " off") ||
                    ends_with(b.value, " back");
  if (a.object >= 0 && a.object == b.object && over(a) && begins_anew(b) && listed_one(a)) return true;
  return one_row && (over(a) ? makes_way(a) || gone : gone && row >= 3 && a.ends) && begins_anew(b) &&
         listed_one(a) && listed_one(b);
}

// 1 or 2: which of them is first by the word of time of one that hangs on the other; 0 where none is told.
int ClauseReader::timed(const Deed& a, const Deed& b) const {
  if (a.in != b.in || a.link.empty() == b.link.empty()) return 0;
  const Deed &clause = a.link.empty() ? b : a, &main = a.link.empty() ? a : b;
  const int other = a.link.empty() ? 1 : 2, self = 3 - other;
  if (clause.of != main.verb || clause.value == main.value) return 0;
  // "shines his torch and steps back when ...": told of what stands nearest
  for (int n = main.verb + 1; n < clause.verb; ++n) {
    if (!at(*a.in, n).base.empty() || and_does(at(*a.in, n).word, at(*a.in, n + 1).word)) return 0;
  }
  if (clause.link == "before" || clause.link == "until") return other;
  if (clause.link == "when") return self == 1 && over(clause) && begins_anew(main) ? self : 0;
  return self;
}

// "A farmer opens the gate. Then the sheep run into the meadow."
bool ClauseReader::story_goes_on(const Deed& a, const Deed& b) const {
  if (a.in == b.in || a.in + 1 != b.in || !a.link.empty() || !b.link.empty()) return false;
  const Sentence &s = *a.in, &t = *b.in;
  for (int n = a.verb + 1; n < static_cast<int>(s.nodes.size()); ++n) {
    if (!at(s, n).base.empty()) return false;
  }
  // of what goes on all along
  static const std::set<std::string> weather = {"snow", "rain", "hail",  "fog",    "mist",  "smoke",
                                                "dust", "wind", "cloud", "clouds", "light", "moonlight"};
  if (weather.count(thing(a.subject).name)) return false;
  std::string start = t.part ? "then " : "";
  const int subject = child(t, b.verb, "nsubj");
  const std::string& clause = at(s, top(s, a.verb)).dep;
  if (subject < 0 || at(t, b.verb).dep != "ROOT" || (clause != "ROOT" && clause != "conj")) return false;
  for (int n = 0; n < b.verb; ++n) {
    if (!at(t, n).base.empty()) return false;
    if (n < 4) start += at(t, n).word + " ";
  }
  for (const char* words :
       {"then ", "after that ", "next , ", "finally ", "a moment later ", "moments later ", "afterwards ",
        "in the end ", "at the end ", "at last ", "seconds later ", "in the last scene ",
        "in the final scene ", "in the last shot ", "in the final shot ", "for a moment ",
        "for a few seconds ", "for several seconds ", "for an instant "}) {
    if (start.rfind(words, 0) == 0) return a.ends || over(a) || a.subject == b.subject;
  }
  // "It rolls into the kitchen. It picks up a spoon", but "She opens a present. She tears off the paper": a
  // part of it
  if (a.own_words || b.own_words) return false;
  static const std::set<std::string> whole = {"open",  "unwrap", "unpack", "dig",   "pluck",
                                              "lift",  "catch",  "climb",  "cross", "take",
                                              "reach", "draw",   "steal",  "remove"};
  const std::string first = first_word(a.value);
  return a.subject == b.subject && at(t, subject).tag == "PRP" && makes_way(a) && !whole.count(first) &&
         over(a) && begins_anew(b) && listed_one(a) && listed_one(b);
}

void ClauseReader::orders() {
  if (backwards(caption_.words)) return;
  bool repeats = false;
  for (const char* words : kRepeats) repeats |= caption_.text.find(words) != std::string::npos;
  for (size_t d = 0; d + 1 < deeds_.size(); ++d) {
    const Deed &one = deeds_[d], &other = deeds_[d + 1];
    if (one.value == other.value && one.subject == other.subject) continue;
    if (!repeats && melts_into(one, other)) {
      Deed start = one;
      start.value = "start to melt";
      add_order(start, other);
      continue;
    }
    int first = timed(one, other);
    if (first == 0 && !repeats &&
        (sequel(one, other) || triggers(one, other) || begins_by(one, other) || waits_for(one, other) ||
         gives_way(one, other) || story_goes_on(one, other)))
      first = 1;
    if (first == 0) continue;
    if (first == 1)
      add_order(one, other);
    else
      add_order(other, one);
  }
  for (const Moment& moment : moments_) around(moment);
}

// "a before b", unless it has been asked.
void ClauseReader::add_order(const Deed& a, const Deed& b) {
  // "Rain taps on a roof, a girl counts drops": it goes on
  static const std::set<std::string> weather = {"rain",    "snow", "hail", "wind",
                                                "drizzle", "fog",  "mist", "sunlight"};
  if (a.link.empty() && b.link.empty() && a.subject >= 0 && weather.count(thing(a.subject).name)) return;
  const auto moved = [&](const Deed& before) {
    static const std::set<std::string> taken = {"sit", "kneel", "crouch", "squat"};
    const bool earlier = before.in && (before.in < a.in || (before.in == a.in && before.verb < a.verb));
    return earlier && before.subject == a.subject && taken.count(base_of(*a.in, a.verb)) > 0;
  };
  if (a.in && goes_on_beside(base_of(*a.in, a.verb), a.value) &&
      !std::any_of(deeds_.begin(), deeds_.end(), moved))
    return;
  const auto same = [&](int f, const Deed& deed) {
    const Fact& fact = caption_.facts[static_cast<size_t>(f)];
    return fact.verb && fact.thing == deed.subject && deed.value.rfind(fact.verb->base, 0) == 0;
  };
  const auto asked = [&](const Fact& fact) {
    return fact.kind == Fact::Kind::kOrder &&
           ((same(fact.first, a) && same(fact.second, b)) || (same(fact.first, b) && same(fact.second, a)));
  };
  if (std::any_of(caption_.facts.begin(), caption_.facts.end(), asked)) return;
  int of[2];
  for (int i = 0; i < 2; ++i) {
    const Deed& deed = i == 0 ? a : b;
    Fact& fact = add(Fact::Kind::kAction, deed.subject);
    fact.value = deed.value;
    fact.verb = plain_verb(deed.in ? base_of(*deed.in, deed.verb) : first_word(deed.value));
    fact.silent = fact.phrased = true;
    fact.object = deed.object;
    of[i] = static_cast<int>(caption_.facts.size()) - 1;
  }
  Fact& order = add(Fact::Kind::kOrder, a.subject);
  order.first = of[0];
  order.second = of[1];
}

}  // namespace drf::templates
