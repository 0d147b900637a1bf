#pragma once
// "Did you mean ...": the names closest to a misspelt one, by edit distance.

#include <string>
#include <vector>

namespace drf {

/// Insertions, deletions, substitutions and swaps of neighbours that turn `a` into `b` (bytes, not
/// characters).
int64_t edit_distance(const std::string& a, const std::string& b);

/// At most `count` of `candidates`, nearest first (ties in their given order). A candidate is left out when
/// more than half of the longer name would have to change.
std::vector<std::string> nearest(const std::string& name, const std::vector<std::string>& candidates,
                                 size_t count);

}  // namespace drf
