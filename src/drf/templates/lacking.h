#pragma once
// What a thing of a caption lacks, by set words: "a doll with a missing arm", "a table with nothing on it",
// "the shelves are empty of books".

#include <vector>

#include "drf/templates/caption.h"

namespace drf::templates {

void add_lacking(const std::vector<Token>& tokens, Caption& caption);

}  // namespace drf::templates
