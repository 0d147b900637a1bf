#pragma once
// Who does what a verb says.

#include <vector>

#include "drf/templates/chunks.h"

namespace drf::templates {

/// The things that are surely the subject of the verb at chunks.list[verb]; none where it is open. subjects:
/// those of the verbs before, by their place in the list (for "and", commas and participles).
std::vector<int> subjects_of(const Chunks& chunks, size_t verb,
                             const std::vector<std::vector<int>>& subjects);

/// Whether a verb of motion says of the thing where it is, and no motion.
bool stands_still(const Thing& thing, const std::string& verb);

}  // namespace drf::templates
