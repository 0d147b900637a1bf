#pragma once
// A number for the bytes of a file: tells damage and edits, not forgery.

#include <cstdint>
#include <filesystem>
#include <string>

namespace drf {

/// 16 hexadecimal digits: FNV-1a (64 bit) over little-endian words of eight bytes instead of bytes, the last
/// one filled with zeros, then over the length. Bytes that differ in one word never have the same digest.
std::string digest(const std::string& bytes);
/// That of a file's bytes, a part at a time. Throws Error(kInput) if it cannot be read.
std::string digest_file(const std::filesystem::path& file);

}  // namespace drf
