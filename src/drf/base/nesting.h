#pragma once
// How deep a text nests, told before a parser walks it: parsers, copies and destructors call themselves once
// a level, and some hundred thousand levels end the program without a word.

#include <cstdint>
#include <string_view>

namespace drf {

/// What JSON and TOML may nest at most, wherever they come from (docs/security.md). Files of the hub use 8.
constexpr int64_t kMaxNesting = 64;

/// The deepest nesting of [ and { outside strings. `json` need not be well formed.
int64_t json_nesting(std::string_view json);

/// The deepest level that one key or value of a TOML text reaches: brackets and the parts of dotted keys and
/// table names, outside strings and comments. `toml` need not be well formed.
int64_t toml_nesting(std::string_view toml);

}  // namespace drf
