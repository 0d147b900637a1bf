#pragma once
// Questions from templates over a parse of the prompt: deterministic, without any model (method.md section 1,
// source a). A template set (JSON) knows the sentences of one data set and asks exactly its questions; every
// other prompt goes to a general parser of English captions (english.h).
//
// A template set:
//   {"slots": {"color": ["red", "blue"], ...},
//    "patterns": ["a {color} ball on a {bg} background", ...],
//    "questions": [
//      {"aspect": "TA", "kind": "yes_no", "text": "Is the ball {color}?", "answer": "Yes", "twin": "color"},
//      {"aspect": "PF", "kind": "yes_no", "text": "Does the ball keep its color?", "answer": "Yes"},
//      {"aspect": "TA", "kind": "dense", "text": "Describe the video.", "answer": "{prompt}"}]}
// A pattern matches a whole prompt, whatever the letters' case, the number of blanks and a full stop at the
// end; a slot that stands twice must have one value. {prompt} is the prompt itself. A question that names a
// slot which the matched pattern lacks is left out. "twin" names the slot whose value is exchanged for
// another one in a second question with the opposite answer. "weight" is optional.

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "drf/questions/questions.h"

namespace drf::templates {

struct QuestionOptions {
  std::set<questions::Aspect> aspects = {questions::Aspect::kTA, questions::Aspect::kPF,
                                         questions::Aspect::kVQ};  ///< none of the others is asked
  bool twins = true;                                               ///< also ask the negated twins
  bool dense = true;                                               ///< also ask open questions
  uint64_t seed = 0;                                               ///< picks the twins' values
};

/// A text with slots, for example "Is the object {color}?".
struct Template {
  struct Part {
    bool slot = false;
    std::string text;  ///< literal text, or the slot's name
    bool operator==(const Part&) const = default;
  };
  std::vector<Part> parts;
  bool uses(const std::string& slot) const;
};

struct QuestionTemplate {
  questions::Aspect aspect = questions::Aspect::kTA;
  questions::Kind kind = questions::Kind::kYesNo;
  Template text, answer;
  std::string twin;  ///< slot, or ""
  double weight = 1;
};

/// A question as templates make it, which know more of it than a file says.
struct TemplateQuestion : questions::Question {
  bool twin = false;  ///< made as the twin of the question before it, which is there
};

class TemplateSet {
 public:
  /// Knows no sentence: every prompt goes to the general parser.
  TemplateSet() = default;
  /// Throws Error(kInput) naming the file and the place in it: unknown keys (with the nearest known one),
  /// unknown slots, a twin that cannot be made, no patterns or no questions.
  static TemplateSet read(const std::filesystem::path& path);

  /// Values of the slots if a pattern matches the whole prompt (the first that does), else empty. A pattern
  /// has at least one slot.
  std::map<std::string, std::string> match(const std::string& prompt) const;
  /// Questions on a prompt that match() knew, ids and prompt index not yet set, in the set's order, each twin
  /// after its question.
  std::vector<TemplateQuestion> ask(const std::string& prompt,
                                    const std::map<std::string, std::string>& values, int64_t index,
                                    const QuestionOptions& options) const;

 private:
  std::map<std::string, std::vector<std::string>> slots_;
  std::vector<Template> patterns_;
  std::vector<QuestionTemplate> questions_;
};

/// What make_questions did, for `drf questions --stats`.
struct QuestionStats {
  int64_t prompts = 0;
  int64_t matched = 0;     ///< prompts that the template set knew; the others went to the general parser
  int64_t duplicates = 0;  ///< questions dropped because the prompt had the same one already
  int64_t filled = 0;      ///< (prompt, aspect) pairs that got the generic questions for want of their own
  int64_t near_twins =
      0;  ///< twins that ask for another thing of the same narrow kind (a penguin for a parrot)
  int64_t far_twins = 0;                  ///< ... of the same wide kind only (a ladder for a towel)
  int64_t fewest = 0, most = 0;           ///< questions of one prompt
  std::map<std::string, int64_t> counts;  ///< "TA yes_no Yes", "TA yes_no No", "TA dense", ...
};

/// The questions of all prompts, in the prompts' order, ids "p{prompt}-q{n}". No text occurs twice for one
/// prompt, and no prompt is without a question of an enabled aspect. references: empty, or one clip a prompt
/// ("" for none), which questions about its motion then show. The same input gives the same output. Throws
/// Error(kConfig) if no aspect is enabled.
std::vector<TemplateQuestion> template_questions(const std::vector<std::string>& prompts,
                                                 const TemplateSet& templates, const QuestionOptions& options,
                                                 QuestionStats* stats = nullptr,
                                                 const std::vector<std::string>& references = {});

/// The same as a file has them.
std::vector<questions::Question> make_questions(const std::vector<std::string>& prompts,
                                                const TemplateSet& templates, const QuestionOptions& options,
                                                QuestionStats* stats = nullptr,
                                                const std::vector<std::string>& references = {});

}  // namespace drf::templates
