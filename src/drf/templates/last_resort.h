#pragma once
// What is asked of a prompt of which no fact is sure.

#include <string>

#include "drf/templates/caption.h"
#include "drf/templates/generic.h"

namespace drf::templates {

/// One question of kTA: on the first thing that the prompt surely speaks of, else on its first clause in its
/// own words, without the request around it.
QuestionPair last_resort(const Caption& caption, const std::string& prompt);

}  // namespace drf::templates
