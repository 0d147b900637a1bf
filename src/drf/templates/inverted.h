#pragma once
// Orders of events that are told upside down, rewritten to "once ..., ..." before the caption is read.

#include <vector>

#include "drf/templates/tokens.h"

namespace drf::templates {

/// "No sooner does the bell ring than the boys run out" -> "once the bell rings, the boys run out", "Not
/// until the curtain falls does the crowd clap" -> "once the curtain falls, the crowd claps", "The dog does
/// not move until the man whistles" -> "the dog moves after the man whistles".
std::vector<Token> with_plain_order(const std::vector<Token>& tokens);

}  // namespace drf::templates
