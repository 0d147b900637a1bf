#pragma once
// A thing and what stands right behind it: "five nurses waiting at a bus stop", "an armadillo asleep under a
// cactus", "the van is parked by a gas pump". Who it is told of is plain by the place of the words alone, so
// no verb need be known and no tree is read; asked is what no other reader has.

#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

/// Appends what each piece of the caption between two marks begins with: what a thing does, what was done to
/// it, and where it is.
void add_fragments(const std::vector<Token>& tokens, Caption& caption);

}  // namespace drf::templates
