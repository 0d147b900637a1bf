#pragma once
// Letters in texts whose encoding nobody vouches for.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace drf {

struct Letter {
  char32_t code;
  size_t bytes;  ///< 1 to 4
};

/// The character whose UTF-8 begins at text[i], i < text.size(). Nothing where the bytes are not well-formed:
/// cut off, an overlong form, a surrogate, beyond U+10FFFF.
std::optional<Letter> letter_at(std::string_view text, size_t i);

/// How many characters a text in UTF-8 has.
size_t count_letters(std::string_view text);

/// A to Z made small, all other bytes as they are, in any locale.
std::string lower(std::string text);

}  // namespace drf
