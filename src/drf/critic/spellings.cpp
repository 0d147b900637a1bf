#include "drf/critic/spellings.h"

#include <algorithm>

#include "drf/base/error.h"

namespace drf::critic {
namespace {

std::vector<int64_t> single_tokens(const text::Tokenizer& tokenizer, const std::vector<std::string>& words) {
  std::vector<int64_t> ids;
  for (const std::string& word : words) {
    for (const std::string& spelling : {word, " " + word}) {
      const auto id = tokenizer.single_token(spelling);
      if (id && std::find(ids.begin(), ids.end(), *id) == ids.end()) ids.push_back(*id);
    }
  }
  return ids;
}

}  // namespace

Spellings yes_no_spellings(const text::Tokenizer& tokenizer, const std::string& where) {
  const Spellings found{single_tokens(tokenizer, {"Yes", "yes", "YES"}),
                        single_tokens(tokenizer, {"No", "no", "NO"})};
  if (found.yes.empty() || found.no.empty()) {
    fail(ErrorKind::kInput, where, ": its tokenizer has no single token for ",
         found.yes.empty() ? "yes" : "no", "; this critic cannot answer yes/no questions");
  }
  return found;
}

}  // namespace drf::critic
