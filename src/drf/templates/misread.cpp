// Nouns of the rules that the dependency parser, which is told nothing of the rules, reads as something else.
#include "drf/templates/lexicon.h"
#include "drf/templates/reader.h"
#include "drf/templates/syntax.h"

namespace drf::templates {
namespace {

constexpr size_t kMaxSentences = 16, kMaxTokens = 120;  // that are parsed: no prompt of a page takes seconds

// Whether the node is no noun, and does not end a phrase of the rules. The parser takes many verbs for nouns,
// and some nouns for verbs: of these only what a clause hangs on, or what no article could be left out of.
bool misread(const std::vector<Node>& nodes, size_t n, bool bare_one) {
  const Node& node = nodes[n];
  const Node& head = nodes[static_cast<size_t>(node.head)];
  const Node* next = n + 1 < nodes.size() ? &nodes[n + 1] : nullptr;
  static const std::set<std::string> clauses = {"ccomp", "xcomp", "advcl", "relcl"};
  if (node.tag == "VB" || node.tag == "VBP" || node.tag == "VBZ") {
    // "helps the boy tie his shoes", "where the lava flows into the sea"
    if (one_of(node.dep, clauses)) return true;
    // "and oils the chain", "mountains surround and shadow the valley"
    if (node.dep == "conj") return next && (next->tag == "DT" || next->tag == "PRP$" || node.tag == "VB");
    return node.dep == "ROOT" && bare_one && node.tag != "VBZ";  // "two boys box in a gym"
  }
  if (node.tag == "VBG") return node.dep == "acl" || node.dep == "pcomp" || one_of(node.dep, clauses);
  // "a dented soup can": the phrase goes on; but "a ferry moves", "two geese waddle" are so read as well
  return node.dep == "compound" && (node.tag == "NN" || node.tag == "NNP") && next && &head == next &&
         head.tag == "NN" && !ends_with(head.word, "s") && !ends_with(head.word, "ing");
}

}  // namespace

bool does_something(const std::vector<Token>& tokens, size_t i) {
  if (i == 0 || i + 1 >= tokens.size()) return false;
  const std::string &word = tokens[i].text, &next = tokens[i + 1].text, &last = tokens[i - 1].text;
  const VerbForm* form = find_verb(word);
  const std::string base = lexicon_verb(word);
  const bool known = form ? form->third : !base.empty() && base != word;
  static const std::set<std::string> objects = {"the", "a", "an"};
  static const std::set<std::string> ways = {"into", "onto", "toward", "towards"};
  // "a newton's cradle swings as the ball strikes"
  static const std::set<std::string> goes_on = {"as",     "while",  "until",  "back",
                                                "gently", "slowly", "quickly"};
  const NounEntry* who = find_noun(last);
  static const std::set<std::string> whose = {"his", "her", "its", "their"};
  // "then snips off the neck", but "then waves crash", "then waves of heat"
  if (known && last == "then" && ends_with(word, "s"))
    return objects.count(next) > 0 || whose.count(next) > 0 || (is_a("preposition", next) && next != "of");
  if (!who || who->plural || !ends_with(word, "s")) return false;
  // "The first rider brakes, the sidecar lifts off"
  const std::string& behind = i + 2 < tokens.size() ? tokens[i + 2].text : next;
  if (known && next == "," && who->category == "person" && objects.count(behind)) return true;
  return whose.count(next) > 0 || (known && (objects.count(next) > 0 || goes_on.count(next) > 0 ||
                                             (ways.count(next) > 0 && who->category == "mass")));
}

// "a giraffe with fins, able to glide through the water": what it could do, to its clause's end.
void Reader::doubt_abilities() {
  const auto word = [&](size_t i) { return i < tokens_.size() ? tokens_[i].text : std::string(); };
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const bool could =
        (word(i) == "able" && word(i + 1) == "to") || (word(i) == "capable" && word(i + 1) == "of");
    if (!could) continue;
    for (const Chunk& chunk : chunks_.list) {
      if (chunk.begin <= i) continue;
      if (chunk.kind == ChunkKind::kEnd || chunk.kind == ChunkKind::kComma) break;
      if (chunk.kind != ChunkKind::kThing) continue;
      Thing& t = chunks_.things[static_cast<size_t>(chunk.thing)];
      if (t.at >= chunk.begin && t.at < chunk.end) t.sure = false;
    }
  }
}

void Reader::doubt_misread() {
  for (Chunk& chunk : chunks_.list) {
    if (chunk.end == 0 || chunk.end >= tokens_.size()) continue;
    const std::string &next = tokens_[chunk.end].text,
                      &then = chunk.end + 1 < tokens_.size() ? tokens_[chunk.end + 1].text : ".";
    // "an empty soup can on a shelf": nothing is able to do anything there
    if (chunk.kind == ChunkKind::kThing && (next == "can" || next == "cans") &&
        (next == "cans" || then == "." || then == "," || then == "and" || is_a("preposition", then)))
      chunks_.things[static_cast<size_t>(chunk.thing)].sure = false;
    if (chunk.kind == ChunkKind::kThing && does_something(tokens_, chunk.end - 1)) {
      Thing& t = chunks_.things[static_cast<size_t>(chunk.thing)];
      if (t.at >= chunk.begin && t.at < chunk.end && !t.determined && t.count == 0 && !t.proper)
        t.sure = false;
    }
    // "the bag swings, and drops of sweat fly": what is "of" something is named
    static const std::set<std::string> with_of = {"think", "dream", "speak",  "talk",
                                                  "tell",  "smell", "consist"};
    if (chunk.kind == ChunkKind::kVerb && chunk.third && chunk.auxiliary.empty() && next == "of" &&
        find_noun_beside(tokens_[chunk.end - 1].text) && !(chunk.verb && with_of.count(chunk.verb->base)))
      chunk.sure = false;
  }
  doubt_abilities();
  size_t sentences = 0;
  for (size_t begin = 0, i = 0; i <= tokens_.size(); ++i) {
    if (!ends_sentence(tokens_, i)) continue;
    std::vector<Node> nodes;
    if (i - begin >= 3 && i - begin <= kMaxTokens && sentences++ < kMaxSentences)
      nodes = read_as_it_stands(tokens_, begin, i);
    for (size_t n = 0; n < nodes.size(); ++n) {
      for (const Chunk& chunk : chunks_.list) {
        if (chunk.kind != ChunkKind::kThing) continue;
        Thing& t = chunks_.things[static_cast<size_t>(chunk.thing)];
        if (!t.sure || t.at < chunk.begin || t.at >= chunk.end) continue;
        const bool last = chunk.end == static_cast<size_t>(nodes[n].token) + 1;
        const bool bare_one = !t.determined && !t.plural && !t.mass() && !t.proper;
        if (last && misread(nodes, n, bare_one)) t.sure = false;
      }
    }
    begin = i + 1;
  }
}

}  // namespace drf::templates
