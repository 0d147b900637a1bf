#pragma once
// The two hash functions by which the model knows a word: they decide which rows of its tables are read, so
// they are those of spaCy and thinc to the bit.

#include <array>
#include <cstdint>
#include <string_view>

namespace drf::english {

/// MurmurHash64A of the bytes with seed 1: spaCy's id of a string (symbols aside: lexeme.h).
uint64_t string_hash(std::string_view bytes);

/// Four keys of a 64-bit id, which thinc calls MurmurHash3_x86_128_uint64: the x64 variant of MurmurHash3 of
/// eight bytes, without its last rounds of length.
std::array<uint32_t, 4> table_keys(uint64_t id, uint32_t seed);

}  // namespace drf::english
