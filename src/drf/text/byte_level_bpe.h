#pragma once
// Byte-level byte-pair encoding, as of GPT-2 and Qwen2: a piece starts as its bytes, then the adjacent pair
// of lowest rank is joined until no pair is listed. Equals the `tokenizers` library's BPE model; dropout,
// unknown tokens and a prefix of sub-words are refused. With an end-of-word suffix (CLIP's "</w>") the last
// byte of a piece is another symbol than the same byte elsewhere.

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <unordered_map>

#include "drf/text/tokenizer.h"

namespace drf::text {

class ByteLevelBpe : public Tokenizer {
 public:
  /// `model` is tokenizer.json's "model" with parts.ids filled from its vocabulary. Merges are read in both
  /// forms, "a b" and ["a", "b"]. Throws Error(kInput) naming parts.where for options that are not supported,
  /// a byte that has no token (inside a piece or at its end), or a merge of tokens that are not in the
  /// vocabulary.
  ByteLevelBpe(TokenizerParts parts, const nlohmann::json& model);

 protected:
  void tokenize(std::string_view piece, std::vector<int64_t>& ids) const override;
  std::string join(const std::vector<std::string>& tokens) const override;

 private:
  struct Merge {
    int64_t rank, id;
  };
  const Merge* find(int64_t left, int64_t right) const;
  void read_merges(const nlohmann::json& model);
  std::unordered_map<uint64_t, Merge> merges_;  // by left << 32 | right
  std::string suffix_;                          // of a piece's last symbol
  bool ignore_merges_ = false;
};

}  // namespace drf::text
