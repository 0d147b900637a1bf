#pragma once
// The "normalizer" of tokenizer.json.

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "drf/text/precompiled_charsmap.h"

namespace drf::text {

class Normalizer {
 public:
  /// Leaves text as it is.
  Normalizer() = default;
  /// null, Sequence, NFC, NFD, NFKC, NFKD, Lowercase, Precompiled, Replace (string or pattern), Strip,
  /// Prepend. Throws Error(kInput) naming `where` and the type for any other.
  static Normalizer from_json(const nlohmann::json& value, const std::string& where);
  static Normalizer from_charsmap(std::shared_ptr<const PrecompiledCharsmap> charsmap);

  std::string apply(std::string_view text) const;
  bool empty() const { return steps_.empty(); }

 private:
  void append(const nlohmann::json& value, const std::string& where);
  std::vector<std::function<std::string(std::string_view)>> steps_;
};

}  // namespace drf::text
