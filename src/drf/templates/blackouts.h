#pragma once
// A time of a clip at which nothing can be seen: "the screen goes black", "for a few seconds there is only
// darkness".

#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

/// Appends the fact that the picture goes dark or white for a time, or shows nothing, where the tokens say
/// so.
void add_blackouts(const std::vector<Token>& tokens, Caption& caption);

}  // namespace drf::templates
