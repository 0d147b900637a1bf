#pragma once
// From the vectors of words to heads and labels: the greedy walk through the moves of arc_eager.h, each the
// likeliest of the valid ones by a small network (spacy/ml/parser_model.pyx).

#include <cstddef>
#include <string>
#include <vector>

namespace drf::english {

/// What the parser says of a word.
struct Arc {
  size_t head = 0;    ///< its own index at a root
  std::string label;  ///< "LABEL", or "LABEL||HEAD" (nonprojective.h); "ROOT" at a root
  double p = 0;       ///< of the move that made it or, at a root, left it without one
};

/// vectors: (words, kVectorWidth) of word_vectors().
std::vector<Arc> arcs_of(const std::vector<float>& vectors);

}  // namespace drf::english
