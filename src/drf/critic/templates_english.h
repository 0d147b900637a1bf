#pragma once
// Questions on any caption by a small parser of English: noun phrases with count, size, colour and material,
// verbs of motion with their direction, relations, scene and style. It knows words, not meanings: a word that
// it does not know gives no question, so what it asks is what the prompt says. For sentences of other
// languages only the open question and the generic ones remain.

#include <string>
#include <vector>

#include "drf/critic/templates.h"

namespace drf::critic {

/// Questions on the prompt, ids and prompt index not yet set: at least one of each enabled aspect. Twins
/// follow their questions.
std::vector<Question> english_questions(const std::string& prompt, int64_t index,
                                        const QuestionOptions& options);

/// Questions about motion (Aspect::kPF) that show the clip `reference` first.
std::vector<Question> reference_questions(const std::string& reference, const QuestionOptions& options);

/// The questions of one aspect that fit any prompt. For kTA: whether the video shows the prompt.
std::vector<Question> generic_questions(Aspect aspect, const std::string& prompt,
                                        const QuestionOptions& options);

}  // namespace drf::critic
