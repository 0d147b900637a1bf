#pragma once
// Prompt files in the forms they lie about in. They are read strictly: what is wrong is named with file and
// line before any model is opened, and syntax is never taken for a prompt.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace drf::questions {

/// Bytes that a prompt may have (docs/security.md); 512 tokens are some 2,500.
constexpr size_t kMaxPromptBytes = 8'192;
/// Bytes of a question or an answer, which may quote a prompt.
constexpr size_t kMaxTextBytes = 16'384;
/// Bytes of a prompt or question file.
constexpr uint64_t kMaxListBytes = uint64_t{256} << 20;

/// Prompts in the order of the file, without white space at their ends. By the name's ending, in any
/// spelling:
///   .jsonl .ndjson   one JSON object a line with the text under "prompt" (other keys are let be)
///   .json            an array of texts or of such objects; or such objects, one a line
///   .csv .tsv        a table with a header that has a column "prompt"; commas, semicolons or tabs; quotes as
///                    RFC 4180 has them
///   anything else    one prompt a line; what is JSON or a table by its first line is read or refused as such
/// Blank lines (base/blank.h) are skipped and not counted: prompt i is the i-th that is not blank, from 0.
/// Throws Error(kInput) with file and line: missing, not UTF-8, no prompt at all, an empty text
/// in a line that is not (the row "" of a table of one column is blank), control characters, more than
/// kMaxPromptBytes, malformed JSON or CSV, a format that is none of these.
std::vector<std::string> read_prompts(const std::filesystem::path& path);

/// The same, and for each prompt the clip that its physics questions are shown beside the generated one: what
/// a JSON object has under "reference" (text, not empty), "" for none. Throws as read_prompts.
struct PromptList {
  std::vector<std::string> prompts, references;
};
PromptList read_prompt_list(const std::filesystem::path& path);

}  // namespace drf::questions
