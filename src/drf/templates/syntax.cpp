#include "drf/templates/syntax.h"

#include <map>
#include <set>

#include "drf/english/parse.h"
#include "drf/templates/progressive.h"
#include "drf/templates/words.h"

namespace drf::templates {
namespace {

// Reads the pieces' texts; nodes come back one a piece. False where the parser is silent.
bool read(const std::vector<Piece>& pieces, std::string Piece::*text, std::vector<Node>& nodes) {
  std::string sentence;
  std::vector<std::pair<size_t, size_t>> spans;
  for (const Piece& piece : pieces) {
    const std::string& word = piece.*text;
    const bool joined = piece.mark || word == "'s";
    if (!sentence.empty() && !word.empty() && !joined) sentence += ' ';
    spans.emplace_back(sentence.size(), sentence.size() + word.size());
    sentence += word;
  }
  const std::vector<english::Word> words = english::parse(sentence + ".");
  if (words.empty()) return false;
  std::vector<int> piece_of(words.size(), -1);
  for (size_t w = 0; w < words.size(); ++w) {
    for (size_t p = 0; p < spans.size(); ++p) {
      if (words[w].at >= spans[p].first && words[w].at < spans[p].second) piece_of[w] = static_cast<int>(p);
    }
  }
  nodes.clear();
  for (size_t p = 0; p < pieces.size(); ++p) {
    Node& node = nodes.emplace_back();
    node.token = pieces[p].token;
    node.word = pieces[p].word;
    node.base = pieces[p].base;
    node.singular = pieces[p].singular;
    node.head = static_cast<int>(p);
  }
  for (size_t w = 0; w < words.size(); ++w) {
    const int p = piece_of[w], head = piece_of[words[w].head];
    // of a piece of several words the one that hangs on another piece
    if (p < 0 || (head == p && words[w].head != w)) continue;
    Node& node = nodes[static_cast<size_t>(p)];
    node.tag = words[w].tag;
    node.dep = words[w].dep;
    node.head = head < 0 ? p : head;
  }
  return true;
}

// A common noun of the same kind.
std::string common_noun(const std::string& word, bool plural) {
  static const std::set<std::string> common = {"man",   "woman", "boy",  "girl",  "dog",  "cat",
                                               "car",   "house", "hand", "table", "door", "men",
                                               "women", "boys",  "box",  "water"};
  if (common.count(word)) return word;
  static const std::map<std::string, std::pair<const char*, const char*>> kinds = {
      {"person", {"man", "men"}},
      {"animal", {"dog", "dogs"}},
      {"beast", {"dog", "dogs"}},
      {"vehicle", {"car", "cars"}},
      {"structure", {"house", "houses"}},
      {"furniture", {"table", "tables"}},
      {"tableware", {"cup", "cups"}},
      {"clothing", {"coat", "coats"}},
      {"food", {"cake", "cakes"}},
      {"place", {"garden", "gardens"}},
      {"instrument", {"guitar", "guitars"}},
      {"body", {"hand", "hands"}},
      {"part", {"door", "doors"}},
      {"mass", {"water", "waters"}}};
  const NounEntry* noun = find_noun(word);
  const auto it = kinds.find(noun ? noun->category : "");
  if (it == kinds.end()) return plural ? "boxes" : "box";
  return plural ? it->second.second : it->second.first;
}

}  // namespace

std::vector<Node> read_as_it_stands(const std::vector<Token>& tokens, size_t begin, size_t end) {
  const std::vector<Piece> pieces = pieces_of(tokens, begin, end);
  std::vector<Node> nodes;
  if (pieces.empty() || !read(pieces, &Piece::text, nodes)) return {};
  return nodes;
}

std::vector<Node> read_sentence(const std::vector<Token>& tokens, size_t begin, size_t end,
                                const std::string& known) {
  std::vector<Piece> pieces = pieces_of(tokens, begin, end);
  for (Piece& piece : pieces) piece.known = known[static_cast<size_t>(piece.token)];
  std::vector<Node> first, second, third;
  if (pieces.empty() || !read(pieces, &Piece::text, first)) return {};
  if (!in_progressive(pieces, first) || !read(pieces, &Piece::text, second)) return {};
  bool adjectives = false;  // "the wax is dripping": a verb all the same, and "moving" is one
  for (size_t p = 0; p < pieces.size(); ++p) {
    if (second[p].base.empty() || second[p].tag != "JJ") continue;
    pieces[p].text = "moving";
    adjectives = true;
  }
  if (adjectives && !read(pieces, &Piece::text, second)) return {};
  for (size_t p = 0; p < pieces.size(); ++p) {
    const Node& node = second[p];
    pieces[p].common = pieces[p].text;
    if (node.token < 0) {
      if (second[static_cast<size_t>(node.head)].base.empty()) return {};  // no auxiliary of the verb
      continue;
    }
    if (!node.base.empty() && node.tag != "VBG" && node.tag != "NN" && node.tag != "VBP") return {};
    const bool noun = node.tag == "NN" || node.tag == "NNS";
    if (!noun || !node.base.empty()) continue;
    const bool part = node.dep == "compound" &&
                      second[static_cast<size_t>(node.head)].tag.rfind("NN", 0) == 0 &&
                      node.head > static_cast<int>(p);
    const bool joined = p + 1 < pieces.size() && pieces[p + 1].text == "'s";
    if (!joined) pieces[p].common = part ? "" : common_noun(node.word, node.tag == "NNS");
  }
  if (!read(pieces, &Piece::common, third)) return {};
  for (size_t p = 0; p < pieces.size(); ++p) {
    const bool there = !pieces[p].common.empty();
    second[p].sure = !there || (second[p].dep == third[p].dep && second[p].head == third[p].head);
  }
  return second;
}

}  // namespace drf::templates
