// Who does what a parsed verb says.
#include "drf/templates/clauses.h"

namespace drf::templates {
namespace {

// "a pat of butter", "a flock of geese", "hundreds of fireflies": what is told is told of the butter.
bool amount(const std::string& word) {
  return is_a("measure", word) || is_a("collective", word) || word == "hundreds" || word == "thousands" ||
         word == "dozens";
}

}  // namespace

// "a cart loaded with hay": what stands right behind the noun that it is told of, where that hangs on no
// other.
bool ClauseReader::beside(const Sentence& s, int v) const {
  const Node& node = at(s, v);
  const Node& noun = at(s, node.head);
  static const std::set<std::string> first = {"ROOT", "nsubj", "nsubjpass", "dobj", "attr"};
  return node.dep == "acl" && node.sure && noun.sure && node.token == noun.token + 1 &&
         first.count(noun.dep) > 0 && (node.tag == "VBG" || node.tag == "VBN");
}

int ClauseReader::subject_of(const Sentence& s, int v) const {
  if (beside(s, v)) return s.things[static_cast<size_t>(at(s, v).head)];
  // "before sewing it": who does what it stands beside
  if (at(s, v).dep == "pcomp" && !time_link(s, v).empty()) v = at(s, at(s, v).head).head;
  const int from = v;
  for (int steps = 0; steps < 10; ++steps) {
    int who = child(s, v, "nsubj");
    if (who < 0) who = child(s, v, "nsubjpass");
    if (who < 0) {
      v = leader(s, v);
      if (v < 0) return -1;
      continue;
    }
    const Node& node = at(s, who);
    if (!node.sure || child(s, who, "neg") >= 0 || who > v) return -1;
    int commas = 0;
    for (int n = who + 1; n < v; ++n) commas += at(s, n).word == ",";
    if (commas == 1) return -1;  // another clause begins between them
    for (int n = who + 1; n < from;
         ++n) {  // "a knight, who jumps ..., fights off the rats": which of them does?
      if (is_a("relative", at(s, n).word)) return -1;
    }
    if (const auto both = pairs_.find(node.token); both != pairs_.end()) return both->second;
    if (node.tag == "PRP") return meant(s, who, -1);
    // "a pat of butter slides": the butter
    const int of = child(s, who, "prep");
    if (of >= 0 && at(s, of).word == "of" && amount(node.word)) {
      const int inner = child(s, of, "pobj");
      return inner >= 0 && at(s, inner).sure ? s.things[static_cast<size_t>(inner)] : -1;
    }
    return s.things[static_cast<size_t>(who)];
  }
  return -1;
}

// The verb that verb v, which has no subject of its own, shares one with: as the parse has it or, where its
// readings differ in that, the one before it in a list. -1 where that is open.
int ClauseReader::leader(const Sentence& s, int v) const {
  const Node& node = at(s, v);
  if (node.dep == "conj" && node.sure && node.head < v) return node.head;
  const int before = previous(s, v);
  if (node.base.empty() || before < 0 || (at(s, before).word != "," && at(s, before).word != "and"))
    return -1;
  static const std::set<std::string> marks = {"while", "as",    "when", "until",   "before", "after", "who",
                                              "which", "that",  "if",   "because", "is",     "are",   "or",
                                              "whose", "where", "but",  "so",      "though"};
  for (int u = before - 1; u >= 0; --u) {
    const bool list =
        at(s, u).dep == "ccomp" && at(s, u).head == v;  // "weighs a rabbit, writes down the number"
    if (!at(s, u).base.empty()) return at(s, u).dep == "ROOT" || at(s, u).dep == "conj" || list ? u : -1;
    if (at(s, u).token >= 0 && marks.count(at(s, u).word)) return -1;
  }
  return -1;
}

// The first verb of a list that verb v is in.
int ClauseReader::top(const Sentence& s, int v) const {
  for (int up = v; up >= 0; up = leader(s, up)) {
    v = up;
    if (child(s, v, "nsubj") >= 0 || child(s, v, "nsubjpass") >= 0) break;
  }
  return v;
}

// All whom the verb's subject names: "a cello and a stand".
std::vector<int> ClauseReader::subjects_of_both(const Sentence& s, int v) const {
  int subject = child(s, v, "nsubj");
  if (subject < 0) subject = child(s, v, "nsubjpass");
  std::vector<int> all = {subject_of(s, v)};
  if (subject < 0) {
    subject = child(s, top(s, v), "nsubj");
    return subject >= 0 && child(s, subject, "conj") >= 0 ? std::vector<int>() : all;
  }
  for (int n = child(s, subject, "conj"), last = subject; n >= 0; last = n, n = child(s, n, "conj")) {
    const int t = s.things[static_cast<size_t>(n)], link = child(s, last, "cc");
    // "a man with red hair and a thick beard is repairing": the man alone
    const NounEntry* what = t < 0 ? nullptr : thing(t).noun;
    if (what && (what->category == "body" || what->category == "clothing") && all[0] >= 0 &&
        thing(all[0]).living())
      continue;
    if (t < 0 || !at(s, n).sure || excluded(s, n) || (link >= 0 && at(s, link).word != "and") ||
        the(t).empty() || !thing(t).sure)
      return {};
    all.push_back(t);
  }
  return all;
}

// Whether a finite verb has the number of its subjects: that of "a pat of butter" is the pat's.
bool ClauseReader::agrees(const Sentence& s, int v, const std::vector<int>& subjects) const {
  if (at(s, v).base.empty()) return true;
  const bool one = at(s, v).singular;
  if (subjects.size() > 1) return !one;
  const Thing& subject = thing(subjects[0]);
  const int who = child(s, top(s, v), "nsubj");
  if (who >= 0 && amount(at(s, who).word)) return true;
  return one ? !subject.plural
             : subject.plural || subject.proper || !subject.noun || plural_of(subject.name) == subject.name;
}

}  // namespace drf::templates
