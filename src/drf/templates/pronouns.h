#pragma once
// Whom a pronoun means.

#include <string>

#include "drf/templates/chunks.h"

namespace drf::templates {

/// The one thing that a pronoun before chunks.list[at] can mean, or -1. apart: the subject, which "it" as an
/// object is not.
int meant_by(const Chunks& chunks, size_t at, const std::string& pronoun, int apart);

}  // namespace drf::templates
