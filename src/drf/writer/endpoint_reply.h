#pragma once
// What the bytes of a chat completion mean. No network here.

#include <optional>
#include <string>

#include "drf/writer/text_model.h"

namespace drf::writer {

/// The answer in a reply's body. Its text has no surrounding blanks and no <think> part; with a schema it is
/// a JSON document, freed from what stands around it, which may quote a </think>. Its `error` says: not JSON,
/// wrong shape, refused, cut, empty.
TextAnswer read_chat_answer(const std::string& body, const TextRequest& request);

/// What a reply to a form with top_logprobs says: p(yes) / (p(yes) + p(no)) over the spellings of both among
/// the first token's likeliest.
struct Likeliest {
  bool offered = false;      ///< the reply holds tokens with their probabilities
  std::optional<YesNo> yes;  ///< nothing where neither a yes nor a no is among them; or its error, as above
};
Likeliest read_yes_probability(const std::string& body);

/// What holds the answer to yes or no where probabilities are not to be had. It is read from a reply's body
/// as 1 or 0, also where it came as a bare word.
extern const char* const kYesNoSchema;
YesNo read_yes_answer(const std::string& body, const TextRequest& request);

}  // namespace drf::writer
