#pragma once
// From the features of words to a vector each that knows four words to either side: spaCy's Tok2Vec with
// MultiHashEmbed and MaxoutWindowEncoder (spacy/ml/models/tok2vec.py), and the tagger's one layer on top.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace drf::english {

inline constexpr size_t kVectorWidth = 96;

using Features = std::array<uint64_t, 6>;

/// (words, kVectorWidth) in one row.
std::vector<float> word_vectors(const std::vector<Features>& words);

/// A tag's index in Model::tags with its softmax probability.
struct Tag {
  size_t index = 0;
  double p = 0;
  double blank_p = 0;  ///< of "_SP", which is what a blank's tag becomes
};
std::vector<Tag> tags_of(const std::vector<float>& vectors);

}  // namespace drf::english
