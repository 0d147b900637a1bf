#pragma once
// From prompts to drafts: one request an aspect and prompt, an answer of JSON each.

#include <map>
#include <string>
#include <vector>

#include "drf/writer/draft.h"
#include "drf/writer/instructions.h"
#include "drf/writer/text_model.h"

namespace drf::writer {

/// What came of the requests.
struct Written {
  std::vector<Draft> drafts;  ///< by prompt, then aspect, then as they were written; unchecked
  int64_t requests = 0, prompt_tokens = 0, answer_tokens = 0;
  /// A request without a usable answer: the prompt's aspect then has no draft.
  struct Failure {
    int64_t prompt = 0;
    questions::Aspect aspect = questions::Aspect::kTA;
    std::string reason;  ///< "refused", "no JSON", "cut off", "not as asked" or "failed"
    std::string detail;
  };
  std::vector<Failure> failures;  ///< by prompt, then aspect
};

/// Asks `model` about all prompts. Throws what it throws (no further request can succeed) and Interrupted;
/// what was answered until then is lost here, and kept where the model remembers its answers
/// (answer_cache.h).
Written write_questions(TextModel& model, const std::map<questions::Aspect, Instruction>& instructions,
                        const std::vector<std::string>& prompts, const AnswerParts& parts);

/// The drafts of one answer. `failure`: why there are none, with the reason before the first colon; "" if
/// there are.
std::vector<Draft> drafts_of(const TextAnswer& answer, int64_t prompt, questions::Aspect aspect,
                             const AnswerParts& parts, std::string& failure);

}  // namespace drf::writer
