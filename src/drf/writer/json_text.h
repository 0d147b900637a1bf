#pragma once
// The inside of a JSON string, byte by byte (json_schema.h says what may stand there): where a character or
// an escape has come to is a number, 0 between two of them.

#include <cstdint>

namespace drf::writer {

/// Takes one more byte, which is no closing quote: `at` is where it stands, `code` what a \uXXXX has so far,
/// `chars` how many characters may still begin. False: it cannot stand here.
bool json_text_step(uint16_t& at, uint16_t& code, int32_t& chars, uint8_t byte);

/// The least number of bytes after which `at` is 0 again.
int64_t json_text_missing(uint16_t at, uint16_t code);

}  // namespace drf::writer
