#pragma once
// Prompt files and question files. Both are read strictly: what is wrong is named with file and line before
// any model is opened.

#include <filesystem>
#include <string>
#include <vector>

#include "drf/critic/questions.h"

namespace drf::critic {

/// Prompts in the order of the file, without white space at their ends. A file named *.jsonl holds one object
/// a line with the text under "prompt" (other keys are let be); any other file holds one prompt a line. Blank
/// lines are skipped and not counted: prompt i is the i-th line that is not blank, from 0.
/// Throws Error(kInput) with file and line: missing, not UTF-8, no prompt at all, control characters,
/// malformed JSON.
std::vector<std::string> read_prompts(const std::filesystem::path& path);

/// Questions in the order of the file (JSON lines, blank lines skipped). "weight" may be left out and is then
/// 1; every other key is required and no further one is known.
/// num_prompts: how many prompts there are; negative = unknown, and any index from 0 will do.
/// Throws Error(kInput) with file and line.
std::vector<Question> read_questions(const std::filesystem::path& path, int64_t num_prompts = -1);

/// The line of one question, without a line end.
std::string to_json_line(const Question& question);

/// Writes the whole file atomically (base/files.h).
void write_questions(const std::filesystem::path& path, const std::vector<Question>& questions);

}  // namespace drf::critic
