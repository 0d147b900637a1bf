#pragma once
// What a pronoun tells of the only person: "A mechanic lifts the hood, then she wipes the dipstick" shows a
// woman.

#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

void add_he_or_she(const std::vector<Token>& tokens, Caption& caption);

}  // namespace drf::templates
