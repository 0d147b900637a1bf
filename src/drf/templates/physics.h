#pragma once
// Questions on physics that the scene gives occasion to: each true of a physically right video of exactly
// this prompt, and answered by looking. What the prompt wishes takes them away (wishes.h).

#include <vector>

#include "drf/templates/conditions.h"
#include "drf/templates/generic.h"

namespace drf::templates {

/// At least one pair.
std::vector<QuestionPair> physics(const Caption& caption, const Wishes& wishes);

/// What water, smoke, fire, cloth, vehicles and buildings do (matter.cpp). No more than `most`
/// pairs.
std::vector<QuestionPair> matter(const Caption& caption, const Wishes& wishes, size_t most);

}  // namespace drf::templates
