#pragma once
// What the model sees of a word by itself: six numbers (spaCy's lexical attributes NORM, PREFIX, SUFFIX,
// SHAPE, SPACY, IS_SPACE), the first four of them ids of strings.

#include <array>
#include <cstdint>
#include <string_view>

namespace drf::english {

/// spaCy's id of a string: a number of its own for the names of its labels ("det", "prep"), else its hash; 0
/// of "".
uint64_t string_id(std::string_view text);

/// Whether all characters are blanks (Python's isspace), of a word that has some.
bool is_blank(std::string_view word);

/// `norm` stands for the word where a rule of the tokenizer says so ("n't": "not"), empty elsewhere.
/// spaced: whether one blank follows that is no word of its own. All text is UTF-8.
std::array<uint64_t, 6> features(std::string_view word, std::string_view norm, bool spaced);

}  // namespace drf::english
