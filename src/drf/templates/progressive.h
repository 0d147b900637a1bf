#pragma once
// A sentence with its finite verbs in the progressive: "a whale is surfacing" for "a whale surfaces".

#include <string>
#include <vector>

#include "drf/templates/syntax.h"

namespace drf::templates {

/// What a reading of a sentence is put together from.
struct Piece {
  int token = -1;
  std::string word{};    ///< as the caption has it, in small letters
  std::string text{};    ///< as it is read
  std::string common{};  ///< as it is read with common nouns; "" where it is left out
  std::string base{};    ///< of a finite verb
  bool mark = false, singular = false;
  char known = ' ';  ///< 'v' a verb, 'n' a noun, for sure
};

std::vector<Piece> pieces_of(const std::vector<Token>& tokens, size_t begin, size_t end);

/// Puts the verbs of the pieces, whose first reading is `nodes`, into the progressive. False where it is not
/// certain which words are verbs.
bool in_progressive(std::vector<Piece>& pieces, const std::vector<Node>& nodes);

}  // namespace drf::templates
