#pragma once
// The "pre_tokenizer" of tokenizer.json: normalised text to the pieces that the model sees one by one.

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace drf::text {

using Pieces = std::vector<std::string>;

class PreTokenizer {
 public:
  /// Leaves text in one piece.
  PreTokenizer() = default;
  /// null, Sequence, Split (isolated or removed), ByteLevel, WhitespaceSplit, Metaspace ("always" or
  /// "never"). Throws Error(kInput) naming `where` and the type or option for any other.
  static PreTokenizer from_json(const nlohmann::json& value, const std::string& where);
  /// What transformers 5 gives every T5Tokenizer, whatever the file says: white space is dropped, each word
  /// starts with U+2581.
  static PreTokenizer t5();

  /// Pieces in order, none empty.
  Pieces apply(std::string_view text) const;

 private:
  using Step = std::function<void(std::string_view piece, Pieces& out)>;
  void append(const nlohmann::json& value, const std::string& where);
  std::vector<Step> steps_;
};

}  // namespace drf::text
