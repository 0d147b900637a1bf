#pragma once
// Denials in other words than "no" and "without": rewritten to those, before the caption is read.

#include <string>
#include <vector>

#include "drf/templates/tokens.h"

namespace drf::templates {

/// "not a single plate" -> "no plate", "with neither a hat nor a sword" -> "without a hat or a sword", "none
/// of the sailors wears a cap" -> "the sailors do not wear a cap".
std::vector<Token> with_plain_denials(const std::vector<Token>& tokens);

/// "dimly", "half": with such a word a quality is neither there nor missing.
bool lessens(const std::string& word);

/// Of some qualities one or the other is so: what is "not lit" is "unlit"; or "".
std::string denied_quality(const std::string& quality);

}  // namespace drf::templates
