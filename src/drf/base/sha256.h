#pragma once
// SHA-256 (FIPS 180-4): a name for content that nobody can make collide.

#include <string>
#include <string_view>

namespace drf {

/// 64 hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace drf
