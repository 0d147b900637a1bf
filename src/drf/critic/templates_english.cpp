#include "drf/critic/templates_english.h"

namespace drf::critic {
namespace {

Question yes_no(Aspect aspect, const std::string& text, bool yes) {
  Question q;
  q.aspect = aspect;
  q.text = text;
  q.answer = yes ? "Yes" : "No";
  return q;
}

}  // namespace

std::vector<Question> generic_questions(Aspect aspect, const std::string& prompt,
                                        const QuestionOptions& options) {
  struct Pair {
    std::string text, twin;
  };
  static const std::vector<Pair> motion = {
      {"Do the objects keep their shape and color?", "Does an object change its shape or color?"},
      {"Is the motion smooth?", "Does anything flicker or jump?"},
      {"Do the objects stay in existence?", "Does an object appear from nowhere or vanish?"}};
  static const std::vector<Pair> quality = {
      {"Is the video sharp?", "Is the video blurry?"},
      {"Is the video free of artifacts?", "Are there visible artifacts or noise?"},
      {"Are the corners and edges of the picture clean?", "Are there spots in the corners of the picture?"},
      {"Is the exposure natural?", "Is the picture overexposed or too dark?"}};
  std::vector<Question> questions;
  if (aspect == Aspect::kTA) {
    questions.push_back(yes_no(aspect, "Does the video show the following? " + prompt, true));
    return questions;
  }
  for (const Pair& pair : aspect == Aspect::kPF ? motion : quality) {
    questions.push_back(yes_no(aspect, pair.text, true));
    if (options.twins) questions.push_back(yes_no(aspect, pair.twin, false));
  }
  return questions;
}

std::vector<Question> english_questions(const std::string& prompt, int64_t index,
                                        const QuestionOptions& options) {
  std::vector<Question> questions;
  for (const Aspect aspect : options.aspects) {
    for (const Question& q : generic_questions(aspect, prompt, options)) questions.push_back(q);
  }
  if (options.dense && options.aspects.count(Aspect::kTA)) {
    Question q = yes_no(Aspect::kTA, "Describe the video.", true);
    q.kind = Kind::kDense;
    q.answer = prompt;
    questions.push_back(q);
  }
  return questions;
}

}  // namespace drf::critic
