#pragma once
// A thing and what stands right behind it: "a nurse waiting at a bus stop", "an armadillo asleep under a
// cactus", "a newspaper in front of a bowl". Whom it is told of is plain by the place of the words alone, so
// it needs no tree, only which words are verbs; asked is what no other reader has, and nothing that a verb
// behind the phrase, a cut complement, or what happens next may make untrue.

#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

/// Appends what each piece of the caption between two marks begins with: what a thing does, what was done to
/// it, and where it is.
void add_fragments(const std::vector<Token>& tokens, Caption& caption);

}  // namespace drf::templates
