#pragma once
// A text cut into words as spaCy's English tokenizer cuts it (spacy/tokenizer.pyx): chunks between blanks, of
// which exceptions, prefixes, suffixes and infixes are taken.

#include <string>
#include <vector>

#include "drf/english/special_cases.h"

namespace drf::english {

/// The words of well-formed UTF-8. Blanks beyond one between two words are words themselves. Two bounds that
/// spaCy has not, for texts that are none: a chunk of more than 2,000 bytes is no address, and a pattern that
/// takes too many steps (base/pattern.h) does not match.
std::vector<Token> tokenize(const std::string& text);

}  // namespace drf::english
