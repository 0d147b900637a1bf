#include "drf/templates/clauses.h"

#include <algorithm>

#include "drf/templates/clause_words.h"

namespace drf::templates {
namespace {

constexpr size_t kMaxSentences = 16;  // that are parsed: no prompt of a page takes seconds

}  // namespace

ClauseReader::ClauseReader(const std::vector<Token>& tokens, const Chunks& chunks,
                           const std::vector<std::vector<int>>& subjects, std::set<int> doubted,
                           Caption& caption)
    : tokens_(tokens),
      chunks_(chunks),
      subjects_(subjects),
      doubted_(std::move(doubted)),
      caption_(caption),
      chunk_of_(tokens.size(), -1) {
  for (size_t k = 0; k < chunks.list.size(); ++k) {
    for (size_t i = chunks.list[k].begin; i < chunks.list[k].end; ++i) chunk_of_[i] = static_cast<int>(k);
  }
  for (const Fact& fact : caption.facts) {
    if (fact.kind == Fact::Kind::kExists || fact.kind == Fact::Kind::kSetting ||
        fact.kind == Fact::Kind::kAbsent)
      asked_.insert(fact.thing);
  }
}

void ClauseReader::read() {
  for (size_t begin = 0, i = 0; i <= tokens_.size(); ++i) {
    if (!ends_sentence(tokens_, i)) continue;
    instead(begin, i);
    const auto parts = clauses(begin, i);
    const size_t moments = moments_.size();
    for (const auto& [from, to] : parts) find_moment(from, to);
    // "For a few seconds nothing can be seen, then ...": no part of what comes behind
    const bool apart = parts.size() > 1 && moments_.size() > moments;
    if ((apart || !read_clause(begin, i, false)) && parts.size() > 1) {
      for (const auto& [from, to] : parts) read_clause(from + (from != begin), to, from != begin);
    }
    begin = i + 1;
  }
  for (Sentence& s : sentences_) {
    for (int n = 0; n < static_cast<int>(s.nodes.size()); ++n) s.things.push_back(thing_of(s, n));
  }
  for (const Sentence& s : sentences_) {
    doubt_participles(s);
    doubt_pronouns(s);
    for (int n = 0; n < static_cast<int>(s.nodes.size()); ++n) find_pair(s, n);
  }
  for (const Sentence& s : sentences_) {
    for (int n = 0; n < static_cast<int>(s.nodes.size()); ++n) exists(s, n);
    for (int n = 0; n < static_cast<int>(s.nodes.size()); ++n) states(s, n);
    for (int n = 0; n < static_cast<int>(s.nodes.size()); ++n) deed(s, n);
    absences(s);
  }
  orders();
}

// Whether tokens [begin, end) are read as a sentence.
bool ClauseReader::read_clause(size_t begin, size_t end, bool part) {
  if (sentences_.size() >= kMaxSentences || !readable(begin, end)) return false;
  Sentence s;
  s.nodes = read_sentence(tokens_, behind_look(begin, end), end, known_words());
  s.part = part;
  if (s.nodes.empty() || !coherent(s)) return false;
  sentences_.push_back(std::move(s));
  return true;
}

// What the rules are sure of: 'v' a verb that has its subject, 'n' a noun, of each token.
std::string ClauseReader::known_words() const {
  std::string known(tokens_.size(), ' ');
  for (size_t k = 0; k < chunks_.list.size(); ++k) {
    const Chunk& chunk = chunks_.list[k];
    if (chunk.kind == Chunk::Kind::kVerb && chunk.sure && chunk.verb && !chunk.infinitive &&
        !subjects_[k].empty())
      known[chunk.end - 1] = 'v';
    if (chunk.kind == Chunk::Kind::kThing && chunk.sure) known[chunk.end - 1] = 'n';
  }
  return known;
}

// What stands before node n, adverbs and auxiliaries left out; -1 at the start.
int ClauseReader::previous(const Sentence& s, int n) const {
  do --n;
  while (n >= 0 && (at(s, n).token < 0 || at(s, n).dep == "aux" || at(s, n).dep == "auxpass" ||
                    at(s, n).tag == "RB" || at(s, n).dep == "advmod"));
  return n;
}

// A finite verb right behind a noun has it for its subject, or the noun's own head; else it was read amiss.
bool ClauseReader::coherent(const Sentence& s) const {
  for (int v = 0; v < static_cast<int>(s.nodes.size()); ++v) {
    if (at(s, v).dep == "det" && at(s, v).head > v) {  // "an acorn up the trunk": no phrase holds that
      for (int k = v + 1; k < at(s, v).head; ++k) {
        const std::string& tag = at(s, k).tag;
        if (tag == "IN" || tag == "RP" || tag == "DT" || tag == "PRP$" || tag == "PRP" || tag == "TO")
          return false;
      }
    }
    // "topple like dominoes": no particle of the verb
    if (at(s, v).word == "like" && at(s, v).tag.rfind("VB", 0) != 0 && child(s, v, "pobj") < 0 &&
        child(s, v, "pcomp") < 0)
      return false;
    // "A giant steps over a wall": read as a noun that cannot follow
    static const std::set<std::string> one = {"a", "an", "one", "each", "every"};
    static const std::set<std::string> many = {"few",    "dozen", "hundred", "thousand", "million",
                                               "couple", "great", "good",    "handful",  "pair"};
    const bool counts = at(s, v).dep == "det" || (at(s, v).dep == "nummod" && at(s, v).word == "one");
    if (counts && one.count(at(s, v).word) && at(s, at(s, v).head).tag == "NNS" && at(s, v).head > v &&
        !many.count(at(s, v + 1).word) && at(s, v + 1).tag != "CD")
      return false;
    const bool of_verb = at(s, at(s, v).head).tag.rfind("VB", 0) == 0;
    const bool subject = at(s, v).dep == "nsubj" || at(s, v).dep == "nsubjpass";
    if ((subject || (at(s, v).dep == "conj" && !at(s, v).base.empty())) && !of_verb) return false;
    if (at(s, v).base.empty()) continue;
    const int before = previous(s, v);
    if (before >= 0 && !at(s, before).base.empty()) return false;  // "chips flakes off"
    const bool noun = before >= 0 && at(s, before).tag.rfind("NN", 0) == 0;
    if (noun && child(s, v, "nsubj") < 0) return false;
  }
  return true;
}

// "all but hits", "comes close to hitting": the verb at v is not reached.
bool ClauseReader::short_of(const Sentence& s, int v) const {
  std::string before;
  for (int k = std::max(0, v - 6); k < v; ++k) {
    if (at(s, k).token >= 0) before += " " + at(s, k).word;
  }
  for (const char* words : {" all but", " just about", " close to", " about to", " on the verge of"}) {
    if (ends_with(before, words)) return true;
  }
  return false;
}

// Whether what hangs at a node is told as so: neither denied nor wished for, and in the clip's time.
bool ClauseReader::real(const Sentence& s, int n) const {
  bool in_clause = false;
  if (at(s, n).tag.rfind("VB", 0) == 0 && short_of(s, n)) return false;
  for (int steps = 0; steps < 40; ++steps) {
    const Node& node = at(s, n);
    for (const int c : children(s, n)) {
      const Node& small = at(s, c);
      if (small.dep == "neg" || small.tag == "MD" || small.tag == "TO") return false;
      if ((small.dep == "aux" || small.dep == "auxpass") && small.word != "is" && small.word != "are")
        return false;
      if (small.dep == "mark" && small.word != "as" && small.word != "while") return false;
      if (small.dep == "advmod" && kDoubts.count(small.word)) return false;
      if (small.dep == "det" && small.word == "no") return false;
    }
    if (node.tag == "VBD" || node.tag == "VB" || node.tag == "MD") return false;
    if (node.head == n) return true;
    const Node& head = at(s, node.head);
    if (node.dep == "xcomp" && head.base != "begin" && head.base != "start") return false;
    if (node.dep == "ccomp" && n > node.head) return false;
    if (node.dep == "pcomp" && head.word != "as" && head.word != "while") return false;
    if (node.dep == "relcl" || (node.dep == "acl" && !beside(s, n))) return false;
    const bool clause = steps > 0 && (node.word == "as" || node.word == "while") && in_clause;
    if (node.dep == "prep" && kNotThere.count(node.word) && !clause) return false;
    in_clause = node.dep == "pcomp";
    n = node.head;
  }
  return false;
}

}  // namespace drf::templates
