#pragma once
// Whether what a prompt says of the look, the light or the time of day holds of the whole video.

#include <string>
#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

/// Said of one shot of several, or of what lies behind.
bool of_a_part(const std::string& question, const Caption& caption);

/// Whether the weather, light or time of day at token `at` passes: the prompt tells of the sky on both sides
/// of a turning point, or says that it changes.
bool passes(const std::vector<Token>& tokens, size_t at, const std::string& question);

/// Where no sky is seen, no picture tells the time of day, a storm or wind: in a subway station at midnight.
bool without_sky(const Caption& caption, const std::string& question);

}  // namespace drf::templates
