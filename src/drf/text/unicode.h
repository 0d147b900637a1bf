#pragma once
// UTF-8 and the few character properties that tokenizers and prompt cleaning need.

#include <cstdint>
#include <string>
#include <string_view>

namespace drf::text {

/// Throws Error(kInput) "WHAT: byte N is not UTF-8 ..." unless `text` is well-formed.
void require_utf8(std::string_view text, std::string_view what);

/// The code point that starts at `position` of well-formed UTF-8; `position` moves past it.
char32_t next_code_point(std::string_view text, size_t& position);
/// Start of the code point that ends before `position` (> 0).
size_t previous_boundary(std::string_view text, size_t position);
void append_utf8(std::string& out, char32_t code_point);

/// Bytes as text: every maximal ill-formed part becomes one U+FFFD, as Rust's from_utf8_lossy and Python's
/// errors="replace" do.
std::string lossy_utf8(std::string_view bytes);

/// Unicode's White_Space property: Rust's char::is_whitespace and the reference pattern engine's \s.
bool is_white_space(char32_t code_point);
/// Python's str.isspace: White_Space and the four separators U+001C..U+001F.
bool is_python_space(char32_t code_point);
/// Letters, marks, numbers and connectors: \w of Rust's regex (join controls aside).
bool is_word_character(char32_t code_point);

/// Without white space at the start or the end.
std::string strip(std::string_view text, bool left, bool right, bool (*is_space)(char32_t));

/// Every character by itself, as Rust's char::to_lowercase in Unicode 17 (a final sigma stays like any other,
/// which Python's str.lower changes).
std::string lower_case(std::string_view text);

enum class NormalForm { kNfc, kNfd, kNfkc, kNfkd };
/// The normal form as the `tokenizers` library computes it: its tables stop at Unicode 9, so combining marks
/// that came later (docs/tokenizers.md) neither reorder nor compose.
std::string normal_form(std::string_view text, NormalForm form);

}  // namespace drf::text
