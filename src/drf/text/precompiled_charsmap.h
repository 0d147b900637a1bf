#pragma once
// SentencePiece's precompiled character map as the `tokenizers` library applies it: a double-array trie of
// byte strings, each with its replacement. The rule differs from SentencePiece's own (which takes the longest
// match anywhere): the text is cut into grapheme clusters; a cluster below six bytes that starts with an
// entry becomes the replacement of the SHORTEST such entry, whole; any other cluster is mapped character by
// character.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drf::text {

class PrecompiledCharsmap {
 public:
  /// `blob` as in spiece.model: u32 trie size in bytes, the trie, the replacements, each ended by a zero
  /// byte. Throws Error(kInput) naming `where` if the sizes do not fit.
  PrecompiledCharsmap(std::string blob, std::string_view where);

  /// The mapped text; `text` is well-formed UTF-8.
  std::string apply(std::string_view text) const;

 private:
  // The replacement of the shortest entry that `key` starts with; false if there is none.
  bool find(std::string_view key, std::string_view& replacement) const;
  std::vector<uint32_t> units_;
  std::string replacements_;
};

/// Standard base64 with padding. Throws Error(kInput) naming `where` for other characters.
std::string decode_base64(std::string_view text, std::string_view where);

}  // namespace drf::text
