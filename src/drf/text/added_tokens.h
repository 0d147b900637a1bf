#pragma once
// Tokens that are found in the text as they stand, before the model sees the rest: "<|im_end|>", "</s>".
// The rules are those of the `tokenizers` library's added vocabulary.

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "drf/text/normalizer.h"

namespace drf::text {

struct AddedToken {
  int64_t id = 0;
  std::string content;
  bool special = true;       ///< may be left out of decoded text, and taken for plain text on request
  bool normalized = false;   ///< looked for in the normalised text, as normalised itself
  bool single_word = false;  ///< only where no letter or digit touches it
  bool lstrip = false;       ///< swallows white space before it
  bool rstrip = false;       ///< swallows white space after it
};

/// Either a token's id or a stretch of normalised text.
struct Segment {
  std::optional<int64_t> id;
  std::string text;
};

class AddedTokens {
 public:
  /// A token of the same id or the same content takes the other's place.
  void add(AddedToken token);
  /// Call once after the last add(). `normalizer` prepares the tokens that are looked for in normalised text.
  void prepare(const Normalizer& normalizer);

  /// The segments of `text` in order. At each place the leftmost and then longest token wins; first the
  /// tokens of the raw text are cut out, then the rest is normalised, then the normalised tokens are cut out.
  /// With `parse_special` false special tokens stay text.
  std::vector<Segment> split(std::string_view text, const Normalizer& normalizer, bool parse_special) const;

  bool is_special(int64_t id) const;
  const std::map<int64_t, AddedToken>& tokens() const { return tokens_; }

 private:
  // What is looked for, longest first within a bucket of the same first byte.
  struct Needle {
    std::string text;
    int64_t id;
  };
  using Needles = std::array<std::vector<Needle>, 256>;
  static void insert(Needles& needles, std::string text, int64_t id);
  std::vector<Segment> cut(std::string_view text, const Needles& needles, bool parse_special) const;

  std::map<int64_t, AddedToken> tokens_;
  std::unordered_map<std::string, int64_t> id_of_;  ///< by content
  Needles raw_, normalized_;
};

}  // namespace drf::text
