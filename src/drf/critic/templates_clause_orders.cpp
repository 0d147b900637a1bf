// Which of two parsed deeds comes first.
#include <algorithm>

#include "drf/critic/templates_clauses.h"

namespace drf::critic {

// "snaps his fingers and a snowman turns into a fountain": the one makes the other.
bool ClauseReader::triggers(const Deed& a, const Deed& b) const {
  static const std::set<std::string> small = {"snap", "clap", "tap",  "press", "flip", "strike",
                                              "push", "kick", "pull", "touch", "hit"};
  if (a.in != b.in || a.subject == b.subject || a.object < 0 || !b.ends) return false;
  const Sentence& s = *a.in;
  const std::string& base = at(s, a.verb).base;
  if (!small.count(base) || a.value.rfind(base, 0) != 0 || at(s, b.verb).base.empty()) return false;
  const int subject = child(s, b.verb, "nsubj");
  bool linked = false;
  for (int n = a.verb + 1; n < b.verb; ++n) {
    const std::string& word = at(s, n).word;
    if (word == "while" || word == "as" || word == "before" || word == "after" || word == "until" ||
        is_a("relative", word))
      return false;
    if (!at(s, n).base.empty()) return false;
    linked |= word == "and" && n < subject;
  }
  return linked && subject >= 0;
}

// Whether deed b is told as what comes after a.
bool ClauseReader::sequel(const Deed& a, const Deed& b) const {
  if (a.in != b.in || a.subject != b.subject) return false;
  const Sentence& s = *a.in;
  bool then = false;
  for (int n = a.verb + 1; n < b.verb; ++n) {
    const std::string& word = at(s, n).word;
    then |= word == "then";
    for (const char* link :
         {"while", "as", "before", "after", "until", "when", "who", "which", "or", "but"}) {
      if (word == link) return false;
    }
  }
  if (then) return true;
  if (!a.ends || !b.ends) return false;
  if (a.object >= 0 && a.object == b.object) return true;
  // three or more verbs of one subject, one after the other
  int row = 0;
  for (int n = 0; n < static_cast<int>(s.nodes.size()); ++n) {
    const bool subject = n != top(s, a.verb) && (child(s, n, "nsubj") >= 0 || child(s, n, "nsubjpass") >= 0);
    row += !at(s, n).base.empty() && top(s, n) == top(s, a.verb) && !subject;
  }
  return row >= 3 && top(s, a.verb) == top(s, b.verb);
}

void ClauseReader::orders() {
  for (const char* word : {"reverse", "reversed", "rewind", "rewinds", "rewinding", "rewound"}) {
    if (caption_.words.count(word)) return;
  }
  for (size_t d = 0; d + 1 < deeds_.size(); ++d) {
    const Deed &a = deeds_[d], &b = deeds_[d + 1];
    if ((!sequel(a, b) && !triggers(a, b)) || a.value == b.value) continue;
    const auto asked = [&](const Fact& fact) {
      if (fact.kind != Fact::Kind::kOrder) return false;
      const Fact& one = caption_.facts[static_cast<size_t>(fact.first)];
      const Fact& two = caption_.facts[static_cast<size_t>(fact.second)];
      return one.verb && two.verb && one.thing == a.subject && two.thing == b.subject &&
             a.value.rfind(one.verb->base, 0) == 0 && b.value.rfind(two.verb->base, 0) == 0;
    };
    if (std::any_of(caption_.facts.begin(), caption_.facts.end(), asked)) continue;
    int of[2];
    for (int i = 0; i < 2; ++i) {
      const Deed& one = i == 0 ? a : b;
      Fact& fact = add(Fact::Kind::kAction, one.subject);
      fact.value = one.value;
      fact.verb = plain_verb(base_of(*one.in, one.verb));
      fact.silent = fact.phrased = true;
      of[i] = static_cast<int>(caption_.facts.size()) - 1;
    }
    Fact& order = add(Fact::Kind::kOrder, a.subject);
    order.first = of[0];
    order.second = of[1];
  }
}

}  // namespace drf::critic
