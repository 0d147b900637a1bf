// What the rules have read and the parse holds to be otherwise: it is not asked then.
#include <algorithm>

#include "drf/templates/clauses.h"
#include "drf/templates/pronouns.h"

namespace drf::templates {

void ClauseReader::silence(int who, const std::string& base, int object) {
  std::set<int> gone;
  for (size_t f = 0; f < caption_.facts.size(); ++f) {
    Fact& fact = caption_.facts[f];
    const bool it = fact.kind == Fact::Kind::kAction && fact.verb && fact.verb->base == base &&
                    (who < 0 || fact.thing == who) && (object < 0 || fact.object == object);
    const bool of_it = fact.kind == Fact::Kind::kOrder && (gone.count(fact.first) || gone.count(fact.second));
    if (it) gone.insert(static_cast<int>(f));
    if (it || of_it) fact.silent = true;
  }
}

// "Smoke pours from the engine, then a figure steps out, holding a lantern": the figure does.
void ClauseReader::doubt_participles(const Sentence& s) {
  for (int v = 0; v < static_cast<int>(s.nodes.size()); ++v) {
    const Node& node = at(s, v);
    if (node.token < 0 || node.tag != "VBG" || node.dep != "advcl" || !node.sure || !node.base.empty())
      continue;
    const int c = chunk_of_[static_cast<size_t>(node.token)];
    const int subject = child(s, node.head, "nsubj");
    if (c < 0 || subject < 0 || child(s, v, "nsubj") >= 0) continue;
    const std::vector<int>& who = subjects_[static_cast<size_t>(c)];
    const int mine = subject_of(s, node.head);
    const Chunk& chunk = chunks_.list[static_cast<size_t>(c)];
    if (who.size() == 1 && mine != who[0] && chunk.verb &&
        thing(who[0]).at != static_cast<size_t>(at(s, subject).token))
      silence(who[0], chunk.verb->base, -1);
  }
}

// Whether a noun before "it" may be meant as well as `taken`: one that the rules have not seen, or that the
// lists have for no thing ("wraps a bouquet in paper and ties it").
bool ClauseReader::another_meant(const Sentence& s, int n, int taken) const {
  for (int k = n - 1; k >= 0; --k) {
    const Node& node = at(s, k);
    static const std::set<std::string> roles = {"dobj", "nsubj", "pobj", "conj", "nsubjpass"};
    const bool one = node.tag == "NN" || node.tag == "NNP", many = node.tag == "NNS" || node.tag == "NNPS";
    if (node.token < 0 || !(at(s, n).word == "it" ? one : many) || !roles.count(node.dep)) continue;
    const int seen = chunk_of_[static_cast<size_t>(node.token)];
    const Chunk* chunk = seen < 0 ? nullptr : &chunks_.list[static_cast<size_t>(seen)];
    const bool known =
        chunk && chunk->kind == Chunk::Kind::kThing && chunks_.things[static_cast<size_t>(chunk->thing)].sure;
    const NounEntry* noun = find_noun_beside(node.word);
    const bool shown = !noun || (noun->visible() && !noun->living() && noun->category != "place");
    const bool object = node.dep == "dobj";
    if (object && known && chunk->thing == taken) return false;
    if (known ? object && chunk->thing != taken && noun && !noun->visible() : object || shown) return true;
  }
  return false;
}

// "wraps a bouquet in paper and ties it": a thing that the rules have not seen may be meant.
void ClauseReader::doubt_pronouns(const Sentence& s) {
  for (int n = 0; n < static_cast<int>(s.nodes.size()); ++n) {
    const Node& node = at(s, n);
    if (node.token < 0 || (node.word != "it" && node.word != "them") || node.dep != "dobj") continue;
    const int c = chunk_of_[static_cast<size_t>(node.token)];
    if (c < 1 || chunks_.list[static_cast<size_t>(c)].kind != Chunk::Kind::kPronoun) continue;
    size_t verb = static_cast<size_t>(c);
    while (verb > 0 && chunks_.list[verb].kind != Chunk::Kind::kVerb) --verb;
    const std::vector<int>& who = subjects_[verb];
    if (who.size() != 1 || !chunks_.list[verb].verb) continue;
    const int taken = meant_by(chunks_, static_cast<size_t>(c), node.word, who[0]);
    if (taken >= 0 && meant(s, n, who[0]) != taken) silence(who[0], chunks_.list[verb].verb->base, taken);
  }
}

}  // namespace drf::templates
