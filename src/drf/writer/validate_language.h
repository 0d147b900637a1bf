#pragma once
// Check "language": a question is in English, which critics answer best, or in the language of its prompt.
// Reasons: "another language", "the twin ...", "the paraphrase is in another language".

#include <string>
#include <vector>

#include "drf/writer/draft.h"

namespace drf::writer {

/// What a question is in: English by how it begins (language.h), else the prompt's language if the prompt is
/// not English and both are written with the same letters.
enum class Tongue { kEnglish, kOfPrompt, kAnother };
Tongue tongue_of(const std::string& question, questions::Kind kind, const std::string& prompt);

/// Drops what is in another language. Returns how many of those that stay are in their prompt's and not in
/// English.
int64_t check_language(std::vector<Draft>& drafts, const std::vector<std::string>& prompts, Ledger& ledger);

}  // namespace drf::writer
