#pragma once
// Which tokens of a vocabulary may come next in a document of a schema: those whose bytes the automaton
// takes, and after which the document can still be ended with the tokens that are left. It can always be: a
// byte is a token, and the automaton knows how many bytes are missing.
//
// Tokens that are nothing but whole characters of a string are most of a vocabulary, and wherever a string is
// being written the same ones may come: they are listed once, by their length. All others lie in a trie that
// is walked with the automaton and left where it stops.

#include <cstdint>
#include <string>
#include <vector>

#include "drf/writer/json_schema.h"

namespace drf::writer {

class TokenMask {
 public:
  /// tokens: the bytes of each by its id; "" for what is never written (special tokens, holes). end_ids: what
  /// a model says when it is done. Throws Error(kInput) naming `where` if a byte that a document may need has
  /// no token of its own.
  TokenMask(std::vector<std::string> tokens, std::vector<int64_t> end_ids, const std::string& where);
  int64_t size() const { return static_cast<int64_t>(tokens_.size()); }

  /// allowed[0 .. size()): 1 for the tokens that may come next, else 0. The end tokens may where the document
  /// is complete. tokens_left: how many may still be taken, this one counted; at least
  /// schema.missing_bytes(state), and 1. Says whether it is they that forbid a token.
  bool allow(const JsonSchema& schema, const JsonSchema::State& state, int64_t tokens_left,
             uint8_t* allowed) const;
  /// The same of a text without a schema: every token but those that are never written, and the end tokens.
  void allow_text(uint8_t* allowed) const;
  /// Moves `state` by an allowed token that is no end token.
  void take(const JsonSchema& schema, JsonSchema::State& state, int64_t id) const;

 private:
  /// The bytes of tokens as a tree, in the order of a walk: a node's children stand behind it.
  struct Trie {
    struct Node {
      uint8_t byte;
      uint16_t depth;
      int32_t token;  ///< that ends here; -1: none
      uint32_t skip;  ///< the next node that is not below this one
    };
    std::vector<Node> nodes;
    size_t deepest = 0;
  };
  Trie make_trie(std::vector<int32_t> ids);
  bool walk(const Trie& trie, const JsonSchema& schema, const JsonSchema::State& state, int64_t tokens_left,
            uint8_t* allowed) const;
  bool allow_token(int32_t id, int64_t missing, int64_t tokens_left, uint8_t* allowed) const;

  std::vector<std::string> tokens_;
  std::vector<int64_t> end_ids_;
  std::vector<int32_t> same_;   ///< another token of the same bytes; -1: none
  Trie all_;                    ///< of every token
  Trie other_;                  ///< of those that are not plain
  std::vector<uint8_t> plain_;  ///< whole characters of a string and nothing else
  std::vector<std::pair<int32_t, int32_t>> plain_by_length_;  ///< (characters, id), the longest first
};

}  // namespace drf::writer
