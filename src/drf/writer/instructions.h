#pragma once
// What a language model is told when it is to write questions: one text file an aspect (configs/writer), for
// users to edit. A file is made of sections, each a line in brackets and what stands below it:
//
//   # a line that begins with # is nobody's business
//   [most]                    how many facts are asked for at most, 1 to 64
//   12
//   [instruction]             what the model is told first; {most} is that number
//   You write questions ...
//   [request]                 what it is then asked for each prompt; {prompt} is the prompt
//   Caption: {prompt}
//   [example]                 any number of them: a caption and what is right to write about it
//   caption: A red ball lies on a table.
//   fact: the ball is red
//   question: Is the ball red?
//   answer: Yes
//   twin: Is the ball blue?
//   paraphrase: Does the ball have a red color?
//   open: What lies on the table?
//   open answer: a red ball
//
// The five keys from "fact" to "paraphrase" come in this order, for each fact anew; "open" and "open answer"
// end an example and may be left out. Braces mean placeholders and nothing else.

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "drf/questions/questions.h"
#include "drf/writer/text_model.h"

namespace drf::writer {

/// One fact as the model is to write it: the keys of the answer's JSON.
struct WrittenFact {
  std::string fact, question, answer, twin, paraphrase;
};

struct Instruction {
  struct Example {
    std::string caption;
    std::vector<WrittenFact> facts;  ///< one or more
    std::string open, open_answer;   ///< "" = none
  };
  int64_t most = 0;
  std::string instruction, request;
  std::vector<Example> examples;
};

/// Which parts of an answer are wanted.
struct AnswerParts {
  bool paraphrases = false, open = true;
};

/// Throws Error(kInput) with file and line: unknown sections, keys and placeholders (with the nearest known
/// one), what is missing, stands twice, is empty or out of order.
Instruction read_instruction(const std::filesystem::path& file);

/// Those of `aspects` in a folder: ta.txt, pf.txt, vq.txt. Throws as read_instruction.
std::map<questions::Aspect, Instruction> read_instructions(const std::filesystem::path& folder,
                                                           const std::set<questions::Aspect>& aspects);

/// The chat that asks for the questions of one aspect of a prompt: instruction, examples as turns that were
/// answered rightly, and the request.
TextRequest request_for(const Instruction& instruction, const std::string& prompt, const AnswerParts& parts);

/// The JSON schema of the answer (json_schema.h's subset):
/// {"questions": [{"fact", "question", "answer", "twin", "paraphrase"}, ...],
///  "open": [{"question", "answer"}]}
std::string answer_schema(int64_t most, const AnswerParts& parts);

}  // namespace drf::writer
