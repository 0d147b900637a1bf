#pragma once
// By which tokens a critic says yes or no.

#include <cstdint>
#include <string>
#include <vector>

#include "drf/text/tokenizer.h"

namespace drf::critic {

struct Spellings {
  std::vector<int64_t> yes, no;
};

/// "Yes", "yes", "YES" and the like of no, each with and without a leading space, where that is one token.
/// Throws Error(kInput), naming `where`, if the tokenizer holds none of yes or of no.
Spellings yes_no_spellings(const text::Tokenizer& tokenizer, const std::string& where);

}  // namespace drf::critic
