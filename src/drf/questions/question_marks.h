#pragma once
// What a person says of the questions of a file (docs/questions.md, "Judging"): marks.jsonl, as the page of
// report/judge_page.h exports it.
//
//   {"marks":1,"questions":DIGEST,"prompts":DIGEST,"sample":{"prompts":50,"of":5000,"seed":7}}   the first
//   line
//   {"prompt":3,"prompt_text":"...","missed":["a fact that nobody asked"],"whole":true}          a line a
//   prompt
//   {"id":"p3-q0","prompt":3,"aspect":"TA","kind":"yes_no","text":"...","answer":"Yes","verdict":"valid"}
//   a line a mark
//
// A digest (base/digest.h) is of the file's bytes; "sample" is there for a sample alone; "whole" says that no
// further fact is missed. A mark may have "fact": whether its question counts as one of the prompt's facts.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "drf/questions/questions.h"

namespace drf::questions {

enum class Verdict { kValid, kWrongTarget, kContradicts, kNonsense, kUnanswerable, kDuplicate };
inline constexpr Verdict kVerdicts[] = {Verdict::kValid,    Verdict::kWrongTarget,  Verdict::kContradicts,
                                        Verdict::kNonsense, Verdict::kUnanswerable, Verdict::kDuplicate};
/// "valid", "wrong target", ...: what stands in the file.
std::string to_string(Verdict verdict);
/// When it is the one to choose, for people.
std::string meaning_of(Verdict verdict);

/// Some of the prompts, drawn by a seed.
struct PromptSample {
  int64_t prompts = 0, of = 0;  ///< 1 <= prompts <= of
  int64_t seed = 0;             ///< >= 0
  bool operator==(const PromptSample&) const = default;
};
/// Which ones, ascending.
std::vector<int64_t> sampled_prompts(const PromptSample& sample);

/// The two files that are judged together.
struct JudgedFiles {
  std::vector<std::string> prompts;
  std::vector<Question> questions;
  std::string prompts_digest, questions_digest;
};
/// Throws as read_prompts and read_questions.
JudgedFiles read_judged_files(const std::filesystem::path& prompts, const std::filesystem::path& questions);

struct Mark {
  Verdict verdict = Verdict::kValid;
  std::optional<bool> fact{};  ///< nothing: counts_as_fact's own rule
};
struct Missed {
  std::vector<std::string> facts;
  bool whole = false;  ///< these are all
};
struct Marks {
  std::optional<PromptSample> sample;
  std::vector<std::optional<Mark>> of_question;  ///< by the question's place in its file
  std::vector<Missed> of_prompt;                 ///< by the prompt's
};

/// Whether a question counts among the facts of its prompt that are asked: a valid yes/no question of text
/// alignment does, if its target is Yes and it is no paraphrase (one with No is the twin of another), or its
/// mark says so.
bool counts_as_fact(const Question& question, const Mark& mark);

/// The marks of exactly these files. Throws Error(kInput) with file and line for what is no such file, marks
/// of other files (their digests differ), of questions or prompts that are not there or read otherwise, that
/// stand twice or beyond the sample, and for a file without a mark.
Marks read_marks(const std::filesystem::path& path, const JudgedFiles& files);

/// The marks of a file that was made for another version of `files`, as far as they still fit: a question is
/// the same if its prompt, aspect, kind, text and answer read as before; missed facts go with their prompt,
/// which counts as whole only while each of its questions has its mark and every fact that was asked of it
/// still is. Without a sample. Throws as read_marks for a file that is not well-formed.
struct CarriedMarks {
  Marks marks;
  int64_t kept = 0, set_aside = 0;  ///< marks of the file that have a question here, and those that do not
};
CarriedMarks carry_marks(const std::filesystem::path& path, const JudgedFiles& files);

}  // namespace drf::questions
