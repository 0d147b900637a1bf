#include "drf/writer/write_questions.h"

#include <nlohmann/json.hpp>

#include "drf/base/blank.h"
#include "drf/base/error.h"
#include "drf/base/interrupt.h"
#include "drf/base/json.h"
#include "drf/base/letters.h"
#include "drf/base/printable.h"
#include "drf/base/progress.h"

namespace drf::writer {
namespace {

using nlohmann::json;
constexpr size_t kShownBytes = 120;

// What models say instead of an answer.
bool is_refusal(const std::string& text) {
  const std::string small = lower(text);
  for (const char* phrase :
       {"sorry", "i can't", "i cannot", "i can\xE2\x80\x99t", "unable to", "as an ai", "the model refuses"}) {
    if (small.find(phrase) != std::string::npos) return true;
  }
  return false;
}

// Servers that know no schema like to put a fence or a sentence around the object.
std::string object_in(const std::string& text) {
  const size_t begin = text.find('{'), end = text.rfind('}');
  return begin == std::string::npos || end == std::string::npos || end < begin
             ? ""
             : text.substr(begin, end - begin + 1);
}

// The text under `key`, trimmed; nothing where there is none or it is no text.
std::string text_at(const json& object, const char* key) {
  const auto at = object.find(key);
  return at == object.end() || !at->is_string() ? "" : trimmed(at->get<std::string>());
}

// "yes", "YES." -> "Yes"; what is neither stays, for the check of form to name.
std::string answer_at(const json& object) {
  const std::string text = text_at(object, "answer");
  std::string small = lower(text);
  if (!small.empty() && small.back() == '.') small.pop_back();
  return small == "yes" ? "Yes" : small == "no" ? "No" : text;
}

}  // namespace

std::vector<Draft> drafts_of(const TextAnswer& answer, int64_t prompt, questions::Aspect aspect,
                             const AnswerParts& parts, std::string& failure) {
  failure.clear();
  const std::string shown = printable(answer.text, kShownBytes);
  std::vector<Draft> drafts;
  const auto failed = [&](const std::string& why) {
    failure = why;
    return std::vector<Draft>{};
  };
  if (!answer.error.empty())
    return failed((is_refusal(answer.error) ? "refused: " : "failed: ") + answer.error);
  std::string problem;
  const json root = parse_json(object_in(answer.text), problem);
  if (!root.is_object()) {
    if (!answer.complete) return failed("cut off: after " + std::to_string(answer.answer_tokens) + " tokens");
    return failed((is_refusal(answer.text) ? "refused: " : "no JSON: ") + shown);
  }
  const auto questions = root.find("questions");
  if (questions == root.end() || !questions->is_array())
    return failed("not as asked: no list \"questions\" in " + shown);
  Draft draft;
  draft.question.prompt = prompt;
  draft.question.aspect = aspect;
  for (const json& item : *questions) {
    if (!item.is_object()) continue;
    Draft one = draft;
    one.question.text = text_at(item, "question");
    one.question.answer = answer_at(item);
    one.twin = text_at(item, "twin");
    one.fact = text_at(item, "fact");
    if (parts.paraphrases) one.paraphrase = text_at(item, "paraphrase");
    drafts.push_back(std::move(one));
  }
  const auto open = root.find("open");
  if (parts.open && open != root.end() && open->is_array()) {
    for (const json& item : *open) {
      if (!item.is_object()) continue;
      Draft one = draft;
      one.question.kind = questions::Kind::kDense;
      one.question.text = text_at(item, "question");
      one.question.answer = text_at(item, "answer");
      drafts.push_back(std::move(one));
    }
  }
  if (drafts.empty()) return failed("not as asked: no question in " + shown);
  return drafts;
}

Written write_questions(TextModel& model, const std::map<questions::Aspect, Instruction>& instructions,
                        const std::vector<std::string>& prompts, const AnswerParts& parts) {
  std::vector<TextRequest> requests;
  std::vector<std::pair<int64_t, questions::Aspect>> of;
  for (size_t p = 0; p < prompts.size(); ++p) {
    for (const auto& [aspect, instruction] : instructions) {
      requests.push_back(request_for(instruction, prompts[p], parts));
      of.emplace_back(static_cast<int64_t>(p), aspect);
    }
  }
  Progress progress("writing questions", static_cast<int64_t>(requests.size()));
  int64_t done = 0;
  const std::vector<TextAnswer> answers = model.write(requests, [&](size_t, const TextAnswer&) {
    progress.update(++done);
    stop_if_interrupted();
  });
  Written written;
  written.requests = static_cast<int64_t>(requests.size());
  for (size_t i = 0; i < answers.size(); ++i) {
    written.prompt_tokens += answers[i].prompt_tokens;
    written.answer_tokens += answers[i].answer_tokens;
    std::string failure;
    const auto& [prompt, aspect] = of[i];
    for (Draft& draft : drafts_of(answers[i], prompt, aspect, parts, failure))
      written.drafts.push_back(std::move(draft));
    if (failure.empty()) continue;
    const size_t colon = failure.find(": ");
    written.failures.push_back({prompt, aspect, failure.substr(0, colon), failure.substr(colon + 2)});
  }
  return written;
}

}  // namespace drf::writer
