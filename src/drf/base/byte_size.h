#pragma once
// Sizes as people write them.

#include <cstdint>
#include <optional>
#include <string>

namespace drf {

/// "24GiB", "24 GiB", "24G" (the same), "80GB", "512MiB", or bytes: from 1 to 2^60. Nothing for anything
/// else.
std::optional<int64_t> parse_byte_size(const std::string& text);

}  // namespace drf
