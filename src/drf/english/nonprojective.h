#pragma once
// Arcs that cross others, which arc_eager.h cannot make: the parser hangs such a word higher up and says so
// in its label, "LABEL||HEAD": its head is a word with label HEAD below (Nivre & Nilsson 2005, the scheme
// HEAD).

#include <vector>

#include "drf/english/arcs.h"

namespace drf::english {

/// Hangs every word with such a label on the first word that its label names, breadth first from the head
/// that it has, left to right; where there is none the head stays. blanks: which words are blanks, which are
/// passed over. Equals spacy/pipeline/_parser_internals/nonproj.pyx, deprojectivize().
void deprojectivize(std::vector<Arc>& arcs, const std::vector<bool>& blanks);

}  // namespace drf::english
