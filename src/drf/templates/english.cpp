#include "drf/templates/english.h"

#include <algorithm>

#include "drf/templates/description.h"
#include "drf/templates/generic.h"
#include "drf/templates/last_resort.h"
#include "drf/templates/same.h"
#include "drf/templates/sentences.h"

namespace drf::templates {
namespace {

constexpr size_t kMaxFacts = 40;  // of one prompt: a caption of a page must not cost a page of questions

void ask(std::vector<TemplateQuestion>& questions, questions::Aspect aspect, const QuestionPair& pair,
         const QuestionOptions& options) {
  TemplateQuestion q;
  q.aspect = aspect;
  q.text = pair.text;
  q.answer = "Yes";
  questions.push_back(q);
  if (!options.twins || pair.twin.empty()) return;
  q.text = pair.twin;
  q.answer = "No";
  q.twin = true;
  questions.push_back(q);
}

// "Describe the video.", where the prompt is a description: no list of tags, no wish.
void ask_open(std::vector<TemplateQuestion>& questions, const std::string& answer) {
  TemplateQuestion q;
  q.aspect = questions::Aspect::kTA;
  q.kind = questions::Kind::kDense;
  q.text = "Describe the video.";
  q.answer = answer;
  questions.push_back(q);
}

}  // namespace

std::vector<TemplateQuestion> reference_questions(const std::string& reference,
                                                  const QuestionOptions& options) {
  std::vector<TemplateQuestion> questions;
  for (const QuestionPair& pair :
       {QuestionPair{"Is the motion in video 2 as physically plausible as in video 1?",
                     "Does video 2 break a physical law that video 1 keeps?"},
        QuestionPair{"Do things in video 2 move in the manner of those in video 1?",
                     "Do things in video 2 move in another manner than those in video 1?"}}) {
    ask(questions, questions::Aspect::kPF, pair, options);
  }
  for (TemplateQuestion& q : questions) q.reference = reference;
  return questions;
}

std::vector<TemplateQuestion> generic_questions(questions::Aspect aspect, const std::string& prompt,
                                                const QuestionOptions& options) {
  std::vector<TemplateQuestion> questions;
  if (aspect == questions::Aspect::kTA) {
    const Caption caption = parse_caption(prompt);
    ask(questions, aspect, last_resort(caption, prompt), options);
    return questions;
  }
  for (const QuestionPair& pair : generic_pairs(aspect, parse_caption(prompt)))
    ask(questions, aspect, pair, options);
  return questions;
}

std::vector<TemplateQuestion> english_questions(const std::string& prompt, int64_t index,
                                                const QuestionOptions& options, TwinCount& twins) {
  const Caption caption = parse_caption(prompt);
  std::vector<TemplateQuestion> questions;
  if (options.aspects.count(questions::Aspect::kTA)) {
    Sentences sentences(caption, index, options.seed);
    Meanings meanings(caption);
    std::set<std::string> asked;
    for (size_t f = 0; f < caption.facts.size() && asked.size() < kMaxFacts; ++f) {
      if (caption.facts[f].silent) continue;
      const QuestionPair pair = sentences.write(f, options.twins ? twins : sentences.uncounted);
      if (pair.text.empty() || asked.count(pair.text) || !meanings.tell(caption.facts[f], pair.text))
        continue;
      asked.insert(pair.text);
      ask(questions, questions::Aspect::kTA, pair, options);
    }
    const bool description = !caption.tags && !caption.request;
    std::string answer = options.dense && description ? description_of(prompt) : "";
    if (options.dense && description && answer.empty() && questions.empty()) answer = prompt;
    if (!answer.empty()) ask_open(questions, answer);
    if (questions.empty()) questions = generic_questions(questions::Aspect::kTA, prompt, options);
  }
  for (const questions::Aspect aspect : {questions::Aspect::kPF, questions::Aspect::kVQ}) {
    if (!options.aspects.count(aspect)) continue;
    for (const QuestionPair& pair : generic_pairs(aspect, caption)) ask(questions, aspect, pair, options);
  }
  return questions;
}

}  // namespace drf::templates
