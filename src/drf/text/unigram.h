#pragma once
// The unigram language model of SentencePiece as the `tokenizers` library evaluates it: the best path through
// all ways to cut a piece into vocabulary entries. It is not SentencePiece's own code because diffusers does
// not run that either: unknown characters in a row become one <unk>, ties go to the shorter last token, and
// scores add up in float64. Source: tokenizers 0.23, models/unigram (encode_optimized).

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drf/text/tokenizer.h"

namespace drf::text {

struct UnigramVocabulary {
  std::vector<std::pair<std::string, double>> pieces;  ///< (piece, log-probability) by id
  std::optional<int64_t> unknown;                      ///< id for what no piece covers
  bool byte_fallback = false;                          ///< unknown characters become <0x41>-like pieces
};

class Unigram : public Tokenizer {
 public:
  /// Throws Error(kInput) naming parts.where for an empty vocabulary or an unknown id outside it.
  Unigram(TokenizerParts parts, UnigramVocabulary vocabulary, const std::string& mark, bool strip_first_mark);

 protected:
  /// Throws Error(kInput) if a character is in no piece and the file names no unknown token.
  void tokenize(std::string_view piece, std::vector<int64_t>& ids) const override;
  /// `mark` becomes a space; in the first token it vanishes.
  std::string join(const std::vector<std::string>& tokens) const override;

 private:
  struct Entry {
    std::string_view text;
    int64_t id;
  };
  // Calls visit(entry) for every entry that `text` starts with, shortest first.
  template <typename Visit>
  void for_each_prefix(std::string_view text, const Visit& visit) const;
  // Ids of one stretch of the best path.
  void append_ids(std::string_view stretch, std::vector<int64_t>& ids) const;

  UnigramVocabulary vocabulary_;
  std::vector<Entry> sorted_;  // by text; of equal texts only the last id
  std::string mark_;
  bool strip_first_mark_;
  double unknown_score_ = 0;
};

}  // namespace drf::text
