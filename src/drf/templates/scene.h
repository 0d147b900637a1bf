#pragma once
// What set phrases say about the whole video: time, weather, camera, style; and quotes to be read.

#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

/// Appends the facts that hold of the whole video.
void add_scene_facts(const std::vector<Token>& tokens, Caption& caption);

}  // namespace drf::templates
