#pragma once
// A TOML file as a list of keys and values, for showing and comparing files whose keys are not known: of
// another version, or of one that is no longer whole.

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace drf {

/// Dotted keys with their values as TOML, one line each, in the order of the keys' names; element i of a list
/// of tables is "name.i". Nothing if `toml` is not TOML or nests too deep (nesting.h).
std::optional<std::vector<std::pair<std::string, std::string>>> flat_toml(const std::string& toml);

}  // namespace drf
