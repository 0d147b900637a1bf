#pragma once
// Question files, one JSON object a line. They are read strictly: what is wrong is named with file and line
// before any model is opened.

#include <filesystem>
#include <string>
#include <vector>

#include "drf/questions/prompt_file.h"
#include "drf/questions/questions.h"

namespace drf::questions {

class JsonLine;

/// Questions in the order of the file (JSON lines, blank lines skipped). "weight" may be left out and is then
/// 1, "reference" (a clip's file, as the working directory sees it) for none, "split" ("train" or "held_out")
/// for "train", "paraphrase_of" (the id of a question of the file with the same prompt, aspect, kind, answer
/// and split, that is no paraphrase itself) for none; every other key is required and no further one is
/// known. num_prompts: how many prompts there are; negative = unknown, and any index from 0 will do. Throws
/// Error(kInput) with file and line, also for texts of more than kMaxTextBytes and control characters.
std::vector<Question> read_questions(const std::filesystem::path& path, int64_t num_prompts = -1);

/// What a line has under "aspect" or "kind". Throws Error(kInput) with file and line for what is none.
Aspect read_aspect(const JsonLine& line);
Kind read_kind(const JsonLine& line);

/// The line of one question, without a line end.
std::string to_json_line(const Question& question);

/// Writes the whole file atomically (base/files.h).
void write_questions(const std::filesystem::path& path, const std::vector<Question>& questions);

}  // namespace drf::questions
