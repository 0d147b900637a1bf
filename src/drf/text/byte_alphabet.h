#pragma once
// GPT-2's printable stand-in for each byte: bytes that are printable in Latin-1 stand for themselves, the
// other 68 for U+0100 and on. Source: openai/gpt-2, bytes_to_unicode.

#include <array>
#include <string>
#include <string_view>

namespace drf::text {

/// The stand-in of each byte as UTF-8.
const std::array<std::string, 256>& byte_alphabet();

/// Every byte replaced by its stand-in.
std::string bytes_to_alphabet(std::string_view bytes);

/// The way back; a token that holds any other character stays as it is (added tokens).
std::string alphabet_to_bytes(std::string_view token);

}  // namespace drf::text
