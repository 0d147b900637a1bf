#pragma once
// JSON that others wrote, parsed in one place. The parser of the library follows nesting by recursion and
// keeps the last of two equal keys; here a file has limits, and what it says twice is refused.

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace drf {

/// Values and keys in one text. The largest tokenizers have two million; a value takes some hundred bytes.
inline constexpr size_t kJsonValues = 4'000'000;

/// The value, or one that is_discarded() with the reason in `problem`, in words that follow a colon: no JSON
/// (and where), more than kMaxNesting levels (nesting.h) or kJsonValues values, a key that stands twice in
/// one object. A byte-order mark is skipped.
nlohmann::json parse_json(std::string_view bytes, std::string& problem);
/// The same with keys in the file's order, where that means something; 20,000 in one object at most.
nlohmann::ordered_json parse_ordered_json(std::string_view bytes, std::string& problem);

/// The JSON of a file. Throws Error(kInput) naming the file if it cannot be read or for the problems above.
nlohmann::json read_json(const std::filesystem::path& file);

}  // namespace drf
