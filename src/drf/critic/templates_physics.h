#pragma once
// Questions on physics that the scene gives occasion to: each true of a physically right video of exactly
// this prompt, and answered by looking. What the prompt wishes takes them away (templates_wishes.h).

#include <vector>

#include "drf/critic/templates_conditions.h"
#include "drf/critic/templates_generic.h"

namespace drf::critic {

/// At least one pair.
std::vector<QuestionPair> physics(const Caption& caption, const Wishes& wishes);

/// What water, smoke, fire, cloth, vehicles and buildings do (templates_matter.cpp). No more than `most`
/// pairs.
std::vector<QuestionPair> matter(const Caption& caption, const Wishes& wishes, size_t most);

}  // namespace drf::critic
