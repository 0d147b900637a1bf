#pragma once
// What the program holds of the English model: rules of the tokenizer, tables of words and characters,
// weights. It is a file (assets/parser/english.bin; tools/parser/make.py writes it and says its layout) that
// becomes a part of the program, read once, when the first text is parsed. A file that is not as it should be
// is our own bug.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace drf::english {

/// Numbers in C order.
struct Tensor {
  std::vector<size_t> shape;
  std::vector<float> values;
};

/// Ranges of code points, first and last, ascending.
using Ranges = std::vector<std::pair<uint32_t, uint32_t>>;

struct Model {
  std::string prefix, suffix, infix, url;  ///< patterns
  size_t suffix_width = 0;                 ///< characters of the longest suffix, a run of full stops aside
  std::vector<std::string> specials;       ///< flat, as the file has them
  std::unordered_map<std::string, uint64_t> symbols;
  std::unordered_map<uint64_t, uint64_t> norms;
  Ranges alpha, upper, digit;  ///< Python's isalpha, isupper, isdigit
  Ranges cased, ignored;       ///< what decides whether a sigma stands at a word's end
  std::vector<std::string> tags, moves;
  std::unordered_map<std::string, Tensor> tensors;

  /// The weights of that name. Throws a bug where there are none, or of another shape.
  const Tensor& tensor(const std::string& name, const std::vector<size_t>& shape) const;
};

const Model& model();

}  // namespace drf::english
