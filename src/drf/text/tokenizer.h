#pragma once
// A tokenizer folder of the hub as one object: text to ids and back, with the ids that transformers 5.23
// gives for the same folder (docs/tokenizers.md has the exact rules, what was measured, and what is refused).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "drf/text/added_tokens.h"
#include "drf/text/pre_tokenizer.h"

namespace drf::text {

struct EncodeOptions {
  /// Adds what the tokenizer puts around every text: </s> at the end for T5, nothing for Qwen.
  bool add_special_tokens = true;
  /// "<|im_end|>" in the text is that token, as in transformers; false: it is eleven plain characters.
  bool parse_special = true;
};

/// Ids cut or padded to one length. mask is 1 for the text's own ids (with what was added), else 0.
struct PaddedIds {
  std::vector<int64_t> ids, mask;
  int64_t cut = 0;  ///< ids of the text that found no place
};

/// What all tokenizers have in common: everything but the model itself.
struct TokenizerParts {
  AddedTokens added;
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  std::vector<int64_t> prefix, suffix;  ///< ids put around a text by the post-processor
  std::unordered_map<std::string, int64_t> ids;
  std::vector<std::string> tokens;  ///< by id; "" where the file leaves a hole
  std::optional<int64_t> eos, pad;
  std::string where;  ///< the file, for messages
};

class Tokenizer {
 public:
  explicit Tokenizer(TokenizerParts parts);
  virtual ~Tokenizer() = default;

  /// Throws Error(kInput) if `text` is not UTF-8.
  std::vector<int64_t> encode(std::string_view text, const EncodeOptions& options = {}) const;
  /// encode(), then cut to `length` ids keeping the added ones (</s> stays last) or padded at the end.
  /// Throws Error(kConfig) if length cannot hold what is added, Error(kInput) without a padding token.
  PaddedIds encode_padded(std::string_view text, int64_t length) const;
  /// Text of `ids`; bytes that form no character become U+FFFD. Throws Error(kInput) for an unknown id.
  std::string decode(const std::vector<int64_t>& ids, bool skip_special = false) const;

  /// The id of a token as the vocabulary spells it ("<|im_end|>"; " yes" is "\u0120yes" for byte-level ones).
  std::optional<int64_t> id_of(const std::string& token) const;
  /// Throws Error(kInput) for an unknown id.
  const std::string& token_of(int64_t id) const;
  /// The ids of `text` alone (nothing added, no special parsed) if it is exactly one token, else none.
  std::optional<int64_t> single_token(std::string_view text) const;

  /// The bytes that a token stands for; none for a token that is found in text as it is spelt (special ones
  /// and the like) and for a hole.
  std::optional<std::string> bytes_of(int64_t id) const;

  /// A special token that stands in `text` as it is spelt, of several the one of the smallest id; "" if none
  /// does.
  std::string special_in(std::string_view text) const;

  std::optional<int64_t> eos_id() const { return parts_.eos; }
  std::optional<int64_t> pad_id() const { return parts_.pad; }
  /// One more than the largest id.
  int64_t size() const { return static_cast<int64_t>(parts_.tokens.size()); }
  const std::string& where() const { return parts_.where; }

 protected:
  /// Appends the ids of one piece.
  virtual void tokenize(std::string_view piece, std::vector<int64_t>& ids) const = 0;
  /// Tokens to text (may hold broken UTF-8).
  virtual std::string join(const std::vector<std::string>& tokens) const = 0;
  const TokenizerParts& parts() const { return parts_; }

 private:
  TokenizerParts parts_;
};

/// Opens FOLDER, or FOLDER/tokenizer where that is where the files are: CLIP's where its class is named
/// (clip_tokenizer.h), else byte-level BPE or unigram from tokenizer.json, else unigram from spiece.model.
/// Throws Error(kInput) naming what is missing or not supported.
std::unique_ptr<Tokenizer> open_tokenizer(const std::filesystem::path& folder);

}  // namespace drf::text
