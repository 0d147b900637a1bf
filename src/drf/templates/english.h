#pragma once
// Questions on any caption by a small parser of English (caption.h): precision before recall. What
// is not certain is not asked; a prompt in another language, or one that nothing sure can be read of, keeps
// the open question.

#include <string>
#include <vector>

#include "drf/templates/templates.h"
#include "drf/templates/twins.h"

namespace drf::templates {

/// Questions on the prompt, ids and prompt index not yet set: at least one of each enabled aspect. Twins
/// follow their questions; `twins` counts them by how near they are.
std::vector<TemplateQuestion> english_questions(const std::string& prompt, int64_t index,
                                                const QuestionOptions& options, TwinCount& twins);

/// Questions about motion (Aspect::kPF) that show the clip `reference` first.
std::vector<TemplateQuestion> reference_questions(const std::string& reference,
                                                  const QuestionOptions& options);

/// The questions of one aspect that need no more than the prompt's words. For kTA: whether the video shows
/// the prompt.
std::vector<TemplateQuestion> generic_questions(questions::Aspect aspect, const std::string& prompt,
                                                const QuestionOptions& options);

}  // namespace drf::templates
