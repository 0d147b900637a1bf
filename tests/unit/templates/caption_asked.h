#pragma once
// What the general parser asks of one caption, for the tests of its questions.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "drf/templates/templates.h"

namespace drf::templates {

using questions::Aspect;
using questions::Kind;
using questions::Question;
using Lines = std::vector<std::string>;

inline std::vector<Question> asked(const std::string& prompt, const QuestionOptions& options = {}) {
  return make_questions({prompt}, {}, options);
}

// The alignment questions with the answer Yes, in order.
inline Lines facts(const std::string& prompt) {
  Lines lines;
  for (const Question& q : asked(prompt)) {
    if (q.aspect == Aspect::kTA && q.kind == Kind::kYesNo && q.answer == "Yes") lines.push_back(q.text);
  }
  return lines;
}

// The twin right behind `text`, or "".
inline std::string twin_of(const std::string& prompt, const std::string& text) {
  const auto questions = asked(prompt);
  for (size_t i = 0; i + 1 < questions.size(); ++i) {
    if (questions[i].text == text && questions[i + 1].answer == "No") return questions[i + 1].text;
  }
  return "";
}

inline bool asks(const std::string& prompt, const std::string& text) {
  const Lines lines = facts(prompt);
  return std::find(lines.begin(), lines.end(), text) != lines.end();
}
// Whether any alignment question, twins included, has the words.
inline bool mentions(const std::string& prompt, const std::string& words) {
  for (const Question& q : asked(prompt)) {
    if (q.aspect == Aspect::kTA && q.kind == Kind::kYesNo && q.text.find(words) != std::string::npos)
      return true;
  }
  return false;
}

// Prompts, and what is asked of them or is in no alignment question.
using Pairs = std::vector<std::pair<std::string, std::string>>;
inline void expect_asked(const Pairs& pairs) {
  for (const auto& [prompt, text] : pairs) EXPECT_TRUE(asks(prompt, text)) << prompt << ": " << text;
}
inline void expect_unmentioned(const Pairs& pairs) {
  for (const auto& [prompt, words] : pairs) EXPECT_FALSE(mentions(prompt, words)) << prompt << ": " << words;
}

inline std::set<std::string> texts(const std::string& prompt, Aspect aspect) {
  std::set<std::string> texts;
  for (const Question& q : asked(prompt)) {
    if (q.aspect == aspect) texts.insert(q.text);
  }
  return texts;
}

}  // namespace drf::templates
